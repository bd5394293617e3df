/* One module before one host: what the rules of the judge share. */
#ifndef WASME_MODULE_HOST_TRIAL_H
#define WASME_MODULE_HOST_TRIAL_H

#include "base/buf.h"
#include "module/host/table.h"
#include "module/reach.h"

enum { TRIAL_SHOWN_MAX = 5, TRIAL_TEXT_MAX = 64 * 1024, TRIAL_NAME_MAX = 200 };

struct trial {
    const struct host *host;
    const struct host_version *version;
    const struct host_rules *rules;
    const struct module *module;
    int fd;
    unsigned abi; /* the one that counts; 0: none */
    struct host_verdict *out;
};

/* What the marks in struct host_words stand for. */
struct quote {
    const char *module, *name, *want, *have; /* NULL: "" */
};
/* NULL for no words; otherwise owned by the caller. `quote` may be NULL for words without marks. */
char *trial_quote(const char *words, const struct quote *quote);

/* The three answers. Each tells whether it counts; then the caller may set the reason in `out`. A
 * refusal replaces a doubt, and neither replaces a refusal. `because`, `quote` and `next` are
 * handed over; the last two may be NULL. */
bool trial_refuse(const struct trial *trial, char *because, char *quote, char *next);
bool trial_doubt(const struct trial *trial, char *because, char *quote, char *next);
/* For a host whose source is not public, a refusal all the same. */
bool trial_refuse_surely(const struct trial *trial, char *because, char *quote, char *next);
void trial_note(const struct trial *trial, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A list of names for a text: the first TRIAL_SHOWN_MAX of them, and how many more there are. */
struct trial_names {
    struct buf text;
    size_t count;
};
#define TRIAL_NAMES_INIT                                                                           \
    {                                                                                              \
        .text = BUF_INIT(TRIAL_TEXT_MAX)                                                           \
    }
void trial_names_release(struct trial_names *names); /* usable with AUTO() */
void trial_names_add(struct trial_names *names, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The text, borrowed; no name may be added afterwards. */
const char *trial_names_text(struct trial_names *names);

/* The row of a function that a host has with one of the ABIs and up to the level, or NULL. */
const struct host_function *trial_find_row(const struct host_rules *rules, unsigned abis, int level,
                                           const struct module_import *import);
/* Some functions have several rows, each with a type: the row of that type, or else the first. */
const struct host_function *trial_find_typed(const struct host_rules *rules, unsigned abis,
                                             int level, const struct module_import *import,
                                             const struct module_type *type);
/* The same for the host, ABI and version of the trial, and for the type in the module. */
const struct host_function *trial_find_import(const struct trial *trial,
                                              const struct module_import *import);
/* The row of a callback that the host knows with that ABI, or NULL. */
const struct host_callback *trial_find_callback(const struct trial *trial, const char *name);
/* What is known of the harm that a call may do; for a function without a row, that it may. */
const struct host_harmful *trial_find_harmful(const struct trial *trial, const char *name);
/* A function of the set that must not be called in the start section, or NULL. */
const struct module_import *trial_find_deadly(const struct trial *trial, const bool *set);
/* The exported function of that name, and its type; NULL: there is none. */
const struct module_export *trial_find_function(const struct trial *trial, const char *name,
                                                const struct module_type **type);

/* Does the module export a memory, of any name? */
bool trial_exports_memory(const struct module *module);

/* Was the module built by Go's own compiler? */
bool trial_is_of_go(const struct module *module);

/* What a function may call when nothing goes wrong: see judge_calm.c. */
struct trial_calls {
    bool *set;     /* by the index of a function; owned */
    bool indirect; /* it may call through a table or a reference */
};
void trial_calls_release(struct trial_calls *calls); /* usable with AUTO() */
int trial_find_calls(const struct trial *trial, uint32_t func, struct trial_calls *out,
                     struct err *err);

/* A start function, and what it calls. */
struct trial_start {
    const char *name;
    uint32_t func;
    const struct module_reach *reach;
};

/* The rules; each may call the functions above. */
void trial_check_features(const struct trial *trial);
void trial_check_types(const struct trial *trial);
void trial_check_imports(const struct trial *trial);
void trial_check_counts(const struct trial *trial);
void trial_check_memories(const struct trial *trial);
void trial_check_segments(const struct trial *trial);
void trial_check_names(const struct trial *trial);
void trial_check_exports(const struct trial *trial);
int trial_check_start_section(const struct trial *trial, struct err *err);
int trial_check_memoryless(const struct trial *trial, struct err *err);
int trial_check_start(const struct trial *trial, struct err *err);
int trial_check_exit(const struct trial *trial, const struct trial_start *start, struct err *err);
int trial_check_gates(const struct trial *trial, struct err *err);
void trial_add_notes(const struct trial *trial);

#endif
