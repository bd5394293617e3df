/*
 * The table of a command: its positional arguments and its options. The parser, usage errors,
 * --help, the SYNOPSIS and OPTIONS of the man page and the completions of all three shells are made
 * from this table.
 */
#ifndef WASME_CMD_COMMAND_H
#define WASME_CMD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* The values that a shell offers for an argument or option that takes any value. */
enum complete {
    COMPLETE_NONE,
    COMPLETE_REF,  /* references of local images */
    COMPLETE_FILE, /* files and folders */
    COMPLETE_DIR,
    COMPLETE_REF_OR_FILE,
    COMPLETE_REF_OR_DIR,
};

enum option_kind {
    OPTION_END,
    OPTION_FLAG,   /* fills a bool */
    OPTION_TEXT,   /* fills a const char *; NULL: the option was not given */
    OPTION_LIST,   /* fills a struct option_list; may be given several times */
    OPTION_NUMBER, /* fills an int */
    OPTION_SIZE,   /* fills a long long, in bytes; written as size.h says */
};

/* The headings under which help shows options, in the order of help. */
enum option_group {
    GROUP_OWN, /* options of this command alone */
    GROUP_CONNECTION,
    GROUP_CREDENTIALS,
    GROUP_STORE,
    GROUP_GENERAL, /* options of every command */
};
#define GROUP_COUNT 5

/* The values of an OPTION_LIST in the order of the command line, and a NULL behind them. */
struct option_list {
    const char **items; /* owned; NULL: the option was not given */
    size_t count;
};

struct option {
    enum option_kind kind;
    enum option_group group;
    size_t offset;   /* of the target in the command's struct */
    char short_name; /* 0: none */
    const char *name;
    const char *arg;  /* the value's name, in capitals; NULL for a flag */
    const char *help; /* without the values and the default, which usage.h adds; no full stop */
    enum complete complete;
    const char *(*values)(size_t at); /* see struct positional; of a text or list */
    bool versioned;                   /* with `values`: a value may go on with a version, ":1.2" */
    bool required;                    /* of a text */
    int min, max;                     /* of a number */
    /* The default; help shows it. A number or size: the value that the target gets. A text or list,
     * whose target stays NULL or empty: `otherwise` says in words which value counts. */
    long long standard;
    const char *otherwise; /* or NULL */
    const char *zero;      /* of a number: what 0 means; or NULL */
};

/* Behind the help, further members may be set, as in `.group = GROUP_STORE`. */
#define OPT_FLAG(type, field, short_, name_, ...)                                                  \
    {                                                                                              \
        .kind = OPTION_FLAG, .offset = offsetof(type, field), .short_name = (short_),              \
        .name = (name_), .help = __VA_ARGS__                                                       \
    }
#define OPT_TEXT(type, field, short_, name_, arg_, complete_, ...)                                 \
    {                                                                                              \
        .kind = OPTION_TEXT, .offset = offsetof(type, field), .short_name = (short_),              \
        .name = (name_), .arg = (arg_), .complete = (complete_), .help = __VA_ARGS__               \
    }
#define OPT_LIST(type, field, short_, name_, arg_, complete_, ...)                                 \
    {                                                                                              \
        .kind = OPTION_LIST, .offset = offsetof(type, field), .short_name = (short_),              \
        .name = (name_), .arg = (arg_), .complete = (complete_), .help = __VA_ARGS__               \
    }
#define OPT_NUMBER(type, field, short_, name_, arg_, min_, max_, standard_, ...)                   \
    {                                                                                              \
        .kind = OPTION_NUMBER, .offset = offsetof(type, field), .short_name = (short_),            \
        .name = (name_), .arg = (arg_), .min = (min_), .max = (max_), .standard = (standard_),     \
        .help = __VA_ARGS__                                                                        \
    }
#define OPT_SIZE(type, field, short_, name_, arg_, standard_, ...)                                 \
    {                                                                                              \
        .kind = OPTION_SIZE, .offset = offsetof(type, field), .short_name = (short_),              \
        .name = (name_), .arg = (arg_), .standard = (standard_), .help = __VA_ARGS__               \
    }
#define OPT_END                                                                                    \
    {                                                                                              \
        .kind = OPTION_END                                                                         \
    }

/* An argument without an option; its place tells its meaning. */
struct positional {
    const char *name;      /* in capitals: "REF", "REF|FILE" */
    const char *help;      /* one line, without the values; no full stop */
    const char *otherwise; /* of an optional argument: what counts without it, for help; or NULL */
    /* All arguments behind an optional one are optional, too. Only the first of two may stand in
     * front of one that is needed; a single word is then the second, and args[0] is NULL. */
    bool optional;
    bool repeated; /* may be given several times; only the last argument of a command */
    enum complete complete;
    /* A closed set of values: returns the value at `at`, in the order of help, and NULL behind the
     * last; static text. NULL: the argument takes any value. Shells offer the values, and what
     * `complete` says. */
    const char *(*values)(size_t at);
    bool open; /* the command itself refuses other values, since it has more words for some */
    const char *(*value_help)(size_t at); /* a line of help for each value; or NULL */
};

/* The positional arguments of a command: POSITIONALS({.name = "REF", ...}, {...}). */
#define POSITIONALS(...)                                                                           \
    (const struct positional[])                                                                    \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            .name = NULL                                                                           \
        }                                                                                          \
    }

struct command;

/* A run of a command. */
struct cli {
    const struct command *command;
    const struct command *const *commands; /* all commands, in the order of help; NULL-terminated */
    bool verbose;
    bool help;
    const char **args; /* positional arguments, NULL-terminated */
    size_t arg_count;
    const char **rest; /* the words behind "--", if the command passes them on; else empty */
    size_t rest_count;
};

struct command {
    const char *name;    /* a name that begins with '_' is not shown to users */
    const char *summary; /* one line, lower case, no full stop */
    const char *details; /* more for --help: lines of at most 80 columns, or NULL */
    /* A command line for the shell: the last lines of --help, and the first of EXAMPLES in the man
     * page. */
    const char *example;
    const struct positional *positionals; /* the last has no name; NULL: there are none */
    bool passes_rest;                     /* the words behind "--" belong to another program */
    const struct option *options;         /* ended by OPT_END */
    size_t args_size;                     /* of the struct that the options fill */
    int (*run)(const struct cli *cli, void *args, struct err *err);
};

/* Options that every command has (--help, --verbose); their targets are in struct cli. */
extern const struct option common_options[];

/* The command of that name in a NULL-terminated list; NULL: there is none. */
const struct command *command_find(const struct command *const *commands, const char *name);
/* Whether users see the command: its name does not begin with '_'. */
bool command_visible(const struct command *command);
/* ERR_USAGE: there is no such command; the message has the nearest name. */
int command_unknown(const struct command *const *commands, const char *name, struct err *err);

#endif
