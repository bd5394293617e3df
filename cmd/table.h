/* Tables on standard output, laid out as by Go's tabwriter without padding, which the original
 * uses. */
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
/* Adds the next cell of the row, or the first of a new row; the text is copied. */
void table_add(struct table *table, const char *text);
/* Prints the table, with a space between columns, and '?' for control characters. */
void table_print(const struct table *table, FILE *out);

/* Writes "247.6 kB": SI units, with a decimal from 1 kB on. */
void table_size(long long bytes, char out[32]);
/* Writes "15 Nov 21 20:23 CST", in the time zone of the user. */
void table_time(time_t when, char out[64]);

#endif
