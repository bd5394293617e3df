/* The versions that compilers print. */
#ifndef WASME_TOOLCHAIN_VERSION_H
#define WASME_TOOLCHAIN_VERSION_H

#include <stdbool.h>

struct version {
    int major, minor, patch; /* all 0: not known */
};

/* Finds the first "N.N" or "N.N.N" that stands behind `marker` in the text (an empty marker: at its
 * beginning), whatever follows it ("rc1", "-dev"). False, and all zero, when there is none. */
bool version_find(const char *text, const char *marker, struct version *out);
/* "TinyGo 0.31.2", or words for a version that is not known. The caller frees it. */
char *version_words(const char *name, const struct version *version);
bool version_known(const struct version *version);
/* Whether the version is older. A version that is not known counts as current, so never older. */
bool version_before(const struct version *version, int major, int minor);

#endif
