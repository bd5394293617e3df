/* Which toolchains are installed, and whether filters can be built with them. */
#ifndef WASME_TOOLCHAIN_SURVEY_H
#define WASME_TOOLCHAIN_SURVEY_H

#include "base/err.h"

enum survey_verdict {
    SURVEY_FINE,
    SURVEY_ABSENT,
    SURVEY_UNFIT,  /* installed, and cannot build filters as it is */
    SURVEY_BROKEN, /* a pair of versions that is known to fail */
};

struct survey_finding {
    enum survey_verdict verdict;
    char *detail; /* owned */
    char *fix;    /* owned; NULL: nothing to mend */
};
void survey_finding_release(struct survey_finding *finding); /* usable with AUTO() */

/* What the environment says; lent. */
struct survey_places {
    const char *path;                /* PATH, to tell which program it is; NULL: not set */
    const char *wasi_sdk;            /* the folder of a wasi-sdk (WASI_SDK_PATH), or NULL */
    const volatile int *interrupted; /* see struct tool_place */
};

struct survey {
    const char *name; /* the language's, as `wasme build` has it */
    /* Runs the tools, asking for versions; what they say beside is not shown. What is wrong with
     * them is a finding; only ERR_INTERRUPTED is an error. */
    int (*look)(const struct survey_places *places, struct survey_finding *out, struct err *err);
};

extern const struct survey surveys[]; /* ended by a NULL name */

/* The program's path as it would be run; NULL when it is not there. The caller frees it. */
char *survey_where(const char *path, const char *program);

#endif
