/* The versions that compilers print. */
#ifndef WASME_TOOLCHAIN_VERSION_H
#define WASME_TOOLCHAIN_VERSION_H

#include <stdbool.h>

struct version {
    int major, minor, patch; /* all 0: not known */
};

/* The first "N.N" or "N.N.N" that stands behind `marker` in the text; what follows it ("rc1",
 * "-dev") is not looked at. False, and all zero, when there is none. */
bool version_find(const char *text, const char *marker, struct version *out);
/* "TinyGo 0.31.2", or that it does not say its version. The caller frees it. */
char *version_words(const char *name, const struct version *version);
bool version_known(const struct version *version);
/* False for a version that is not known: a tool without a readable version counts as current. */
bool version_before(const struct version *version, int major, int minor);

#endif
