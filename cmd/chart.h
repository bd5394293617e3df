/* Bars, percentages and cut texts for people, on standard output. */
#ifndef WASME_CMD_CHART_H
#define WASME_CMD_CHART_H

#include <stdint.h>

/* The columns that a line on standard output may have: the width of the terminal, but not more than
 * CHART_COLUMNS_MAX; elsewhere CHART_COLUMNS. */
#define CHART_COLUMNS 80
#define CHART_COLUMNS_MAX 100
int chart_columns(void);

/* A bar of '#', as long in `cells` as `part` is in `most`. The caller frees it. */
char *chart_bar(uint64_t part, uint64_t most, int cells);
/* Writes "12.3%"; of a whole of 0, "0.0%". */
void chart_percent(uint64_t part, uint64_t whole, char out[16]);
/* The text with '?' for each control character, cut behind so many characters: "a long na...". The
 * caller frees it. */
char *chart_cut(const char *text, int columns);

#endif
