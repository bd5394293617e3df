/* The two ways in which `wasme diff` prints. */
#ifndef WASME_CMD_DIFF_PRINT_H
#define WASME_CMD_DIFF_PRINT_H

#include "cmd/diff_find.h"

void diff_print(const struct diff *diff);
int diff_print_json(const struct diff *diff, struct err *err);
/* Writes "+17.8%"; "new" and "gone" where one of the sizes is 0. */
void diff_percent(long long before, long long after, char out[32]);

#endif
