/*
 * The option table of a command: parsing, --help, the OPTIONS of its man page and the completions
 * of all three shells come from it.
 */
#ifndef WASME_CMD_OPTION_H
#define WASME_CMD_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* What a shell offers where a value belongs. */
enum complete {
    COMPLETE_NONE,
    COMPLETE_REF,  /* references of local images */
    COMPLETE_FILE, /* files and folders */
    COMPLETE_DIR,
    COMPLETE_WORDS, /* the command's own words; only for its first positional argument */
    COMPLETE_REF_OR_FILE,
    COMPLETE_REF_OR_DIR,
};

enum option_kind { OPTION_END, OPTION_FLAG, OPTION_TEXT, OPTION_LIST, OPTION_NUMBER };

/* An option that may be given several times: its values in order, and a NULL behind them. */
struct option_list {
    const char **items; /* owned; NULL when the option was not given */
    size_t count;
};

struct option {
    enum option_kind kind;
    size_t offset; /* of the target in the command's struct: bool, const char *, option_list, int */
    char short_name; /* 0: none */
    const char *name;
    const char *arg;  /* the value's name, in capitals; NULL for a flag */
    const char *help; /* one line */
    enum complete complete;
    int min, max; /* for numbers */
};

#define OPT_FLAG(type, field, short_, name_, help_)                                                \
    {                                                                                              \
        .kind = OPTION_FLAG, .offset = offsetof(type, field), .short_name = (short_),              \
        .name = (name_), .help = (help_)                                                           \
    }
#define OPT_TEXT(type, field, short_, name_, arg_, complete_, help_)                               \
    {                                                                                              \
        .kind = OPTION_TEXT, .offset = offsetof(type, field), .short_name = (short_),              \
        .name = (name_), .arg = (arg_), .help = (help_), .complete = (complete_)                   \
    }
#define OPT_LIST(type, field, short_, name_, arg_, complete_, help_)                               \
    {                                                                                              \
        .kind = OPTION_LIST, .offset = offsetof(type, field), .short_name = (short_),              \
        .name = (name_), .arg = (arg_), .help = (help_), .complete = (complete_)                   \
    }
#define OPT_NUMBER(type, field, short_, name_, arg_, min_, max_, help_)                            \
    {                                                                                              \
        .kind = OPTION_NUMBER, .offset = offsetof(type, field), .short_name = (short_),            \
        .name = (name_), .arg = (arg_), .help = (help_), .min = (min_), .max = (max_)              \
    }
#define OPT_END                                                                                    \
    {                                                                                              \
        .kind = OPTION_END                                                                         \
    }

struct command;

/* One run of a command. */
struct cli {
    const struct command *command;
    bool verbose;
    bool help;
    const char **args; /* positional arguments, NULL-terminated */
    size_t arg_count;
    const char **rest; /* what stood behind "--", for a command that passes it on; else empty */
    size_t rest_count;
};

struct command {
    const char *name;            /* a name that begins with '_' is not shown to users */
    const char *synopsis;        /* the positional arguments, as shown in the usage line */
    const char *summary;         /* one line, lower case, no full stop */
    const char *details;         /* more for --help: lines of at most 80 columns, or NULL */
    char *(*more_details)(void); /* what stands before the details; the caller frees it; or NULL */
    const char
        *example; /* a command line of the shell: ends --help, begins EXAMPLES in the man page */
    size_t min_args;
    size_t max_args; /* SIZE_MAX: any number */
    enum complete args_complete;
    char *(*words)(void); /* for COMPLETE_WORDS: the words with spaces between; the caller frees */
    enum complete later_args_complete; /* what follows such a word */
    bool passes_rest;                  /* what stands behind "--" belongs to another program */
    const struct option *options;      /* ended by OPT_END */
    size_t args_size;             /* of the struct that the options fill; zeroed at the start */
    void (*defaults)(void *args); /* sets what is not zero by default; or NULL */
    int (*run)(const struct cli *cli, void *args, struct err *err);
};

/* Options that every command has (--help, --verbose); their targets are in struct cli. */
extern const struct option common_options[];

/*
 * Parses what follows the command's name. Options may stand anywhere before "--"; values may be
 * given as --name=value, --name value, -nvalue, -n value. Errors are ERR_USAGE.
 */
int options_parse(const struct command *command, int argc, const char *const *argv, struct cli *cli,
                  void *args, struct err *err);
/* Frees what parsing allocated in `cli` and in the lists of `args`. */
void options_release(const struct command *command, struct cli *cli, void *args);

#endif
