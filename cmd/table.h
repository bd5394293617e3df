/* Tables on stdout, as Go's tabwriter with no padding set the original's. */
#ifndef WASME_CMD_TABLE_H
#define WASME_CMD_TABLE_H

#include <stddef.h>
#include <stdio.h>
#include <time.h>

#define TABLE_COLUMNS_MAX 8

struct table {
    size_t columns;
    char **cells; /* owned, row after row */
    size_t cell_count;
};

void table_init(struct table *table, size_t columns);
void table_release(struct table *table); /* usable with AUTO() */
/* The next cell of the row, then of the next row; copied. */
void table_add(struct table *table, const char *text);
/* Columns are one space apart; control characters in cells show as '?'. */
void table_print(const struct table *table, FILE *out);

/* "247.6 kB": SI units, one decimal from 1 kB on. */
void table_size(long long bytes, char out[32]);
/* "15 Nov 21 20:23 CST", in the user's zone. */
void table_time(time_t when, char out[64]);

#endif
