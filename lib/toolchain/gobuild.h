/* Which Go files a build takes (`go help buildconstraint`). */
#ifndef WASME_TOOLCHAIN_GOBUILD_H
#define WASME_TOOLCHAIN_GOBUILD_H

#include <stdbool.h>

#define GOBUILD_DEPTH_MAX 32 /* brackets and negations inside each other */

/* What a build is for. All is lent. */
struct gobuild {
    const char *compiler; /* a tag: "gc" or "tinygo" */
    const char *tags;     /* the user's -tags, parted by commas or blanks; or NULL */
};

/* Whether the file is a Go file that some build takes: no test, and not hidden. */
bool gobuild_is_program(const char *name);
/* Whether a build for wasip1 takes the file: by its name, and by the constraint above its package
 * clause. A constraint that cannot be read counts as met, so that the compiler sees the file and
 * says what is wrong with it. */
bool gobuild_takes(const struct gobuild *build, const char *name, const char *text);

#endif
