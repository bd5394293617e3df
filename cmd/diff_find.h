/* The differences between two modules, or images. */
#ifndef WASME_CMD_DIFF_FIND_H
#define WASME_CMD_DIFF_FIND_H

#include "cmd/facts.h"

enum change { CHANGE_ADDED, CHANGE_REMOVED, CHANGE_TYPE };

/* An import or export that only one of the two has, or that has another type. */
struct difference {
    enum change change;
    const char *kind;   /* "func"; static */
    const char *module; /* of an import; lent by the module, as the next one */
    const char *name;
    char *before, *after; /* the types, owned; NULL: there is none */
    bool callback;        /* an exported function that hosts call */
};

struct differences {
    struct difference *items;
    size_t count;
};

/* The sections of one id, and custom sections of one name. */
struct section_change {
    uint8_t id;
    const char *name;        /* of a custom section; lent */
    long long before, after; /* bytes of the contents; 0: there is none */
};

struct diff {
    const struct inspected *before, *after; /* lent */
    struct differences imports, exports;
    struct facts facts_before, facts_after;
    struct section_change *sections; /* all of them; custom sections last */
    size_t section_count;
};

/* Fills `out`, which lends from both and is released by the caller. */
void diff_find(const struct inspected *before, const struct inspected *after, struct diff *out);
void diff_release(struct diff *diff); /* usable with AUTO() */

/* Whether both have the same bytes, and, of two images, the same format and runtime config. */
bool diff_is_empty(const struct diff *diff);
/* Whether the facts of that kind differ. Those of images count only when both are images. */
bool diff_fact_differs(const struct diff *diff, enum fact_kind kind);
/* How many imports are new or have another type. */
size_t diff_new_imports(const struct diff *diff);
/* How many callbacks are gone or have another type. */
size_t diff_lost_callbacks(const struct diff *diff);

#endif
