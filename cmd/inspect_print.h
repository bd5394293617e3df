/* The two ways in which `wasme inspect` prints; `functions` is the number of the largest functions
 * that are shown. */
#ifndef WASME_CMD_INSPECT_PRINT_H
#define WASME_CMD_INSPECT_PRINT_H

#include "cmd/inspected.h"

void inspected_print(const struct inspected *inspected, size_t functions);
/* Adds the members of that JSON to an object. */
void inspected_put_members(const struct inspected *inspected, size_t functions, struct buf *out);
int inspected_print_json(const struct inspected *inspected, size_t functions, struct err *err);

#endif
