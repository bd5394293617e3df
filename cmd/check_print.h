/* How `wasme check` prints its answers. */
#ifndef WASME_CMD_CHECK_PRINT_H
#define WASME_CMD_CHECK_PRINT_H

#include "base/buf.h"
#include "cmd/check_answer.h"

/* A subject, and all answers about it. */
struct checked {
    struct subject subject;
    struct answer *answers; /* owned */
    size_t count;
};
void checked_release(struct checked *checked); /* usable with AUTO() */

/* Prints a line for each answer, and each note once; `named`: below a line with the subject. */
void checked_print(const struct checked *checked, bool named);
/* Writes them as a JSON object. */
void checked_put(struct buf *out, const struct checked *checked);

#endif
