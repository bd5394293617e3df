/*
 * Which toolchains are installed, and whether filters can be built with them. Each builder looks
 * for its own tools (`look` of struct builder); here is what the looks have in common.
 */
#ifndef WASME_TOOLCHAIN_SURVEY_H
#define WASME_TOOLCHAIN_SURVEY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "toolchain/builder.h"
#include "toolchain/tool.h"

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

/* Where a survey looks, and for whom. All is lent. */
struct survey {
    char *(*variable)(const char *name); /* a variable of the environment, as getenv() */
    const volatile int *interrupted;     /* see struct tool_place */
};

/* The language's name. */
const char *survey_name(const struct builder *builder);

/* --- For the looks --- */

/* A place where no project can choose another version of a tool than the installed one. */
struct tool_place survey_place(const struct survey *survey);
/* Whether the path is a file that can be run. */
bool survey_is_program(const char *path);
/* The path of a program as it would be run, by PATH; NULL when it is not there. The caller frees
 * it. */
char *survey_where(const struct survey *survey, const char *program);
/* The sentence, and the program's path behind it where that is known. Frees the sentence; the
 * caller frees the result. */
char *survey_with_place(const struct survey *survey, char *sentence, const char *program);
/* Appends what `program --version` prints; `program` may be a path. */
int survey_ask_version(const struct survey *survey, const struct tool *tool, const char *program,
                       struct buf *out, struct err *err);
/* Makes a finding of a probe that failed with `err`: there is no such program, or it does not run.
 * Fails only when the probe was interrupted; otherwise `err` is as new afterwards. */
int survey_take_failure(const struct tool *tool, struct survey_finding *out, struct err *err);

#endif
