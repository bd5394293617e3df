/* Finds out which language a source is written in: asks each builder whether the source is its
 * own. */
#ifndef WASME_TOOLCHAIN_DETECT_H
#define WASME_TOOLCHAIN_DETECT_H

#include "toolchain/builder.h"

struct detection {
    const struct builder *builder;
    char *why; /* words that follow "since"; owned */
};
void detection_release(struct detection *detection); /* usable with AUTO() */

/*
 * Finds the only builder that the source fits. Where several fit, or none, that is ERR_USAGE. The
 * first names them, with the command to type for each. The second says what each builder looks for.
 * `tag` is the reference for such a command.
 */
int detect_builder(const struct fit_request *request, const char *tag, struct detection *out,
                   struct err *err);

#endif
