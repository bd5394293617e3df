#include "cmd/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/visible.h"

void table_init(struct table *table, size_t columns)
{
    *table = (struct table){.columns = columns};
}

void table_release(struct table *table)
{
    for (size_t i = 0; i < table->cell_count; i++)
        free(table->cells[i]);
    free(table->cells);
    table_init(table, table->columns);
}

void table_add(struct table *table, const char *text)
{
    size_t n = table->cell_count;
    if ((n & (n - 1)) == 0) /* a power of two: full */
        table->cells = mem_resize(table->cells, n ? 2 * n : 1, sizeof(*table->cells));
    struct buf cell = BUF_INIT(strlen(text));
    visible_add(&cell, text, false);
    table->cells[table->cell_count++] = buf_steal(&cell);
}

void table_print(const struct table *table, FILE *out)
{
    size_t widths[TABLE_COLUMNS_MAX] = {0};
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t len = strlen(table->cells[i]), column = i % table->columns;
        widths[column] = len > widths[column] ? len : widths[column];
    }
    for (size_t i = 0; i < table->cell_count; i++) {
        if ((i + 1) % table->columns == 0)
            fprintf(out, "%s\n", table->cells[i]);
        else
            fprintf(out, "%-*s ", (int)widths[i % table->columns], table->cells[i]);
    }
}

void table_size(long long bytes, char out[32])
{
    if (bytes < 1000) {
        snprintf(out, 32, "%lld B", bytes);
        return;
    }
    double value = (double)bytes / 1000;
    const char *unit = "kMGTPE";
    for (; value >= 999.95 && unit[1]; unit++) /* these would show as 1000.0 */
        value /= 1000;
    snprintf(out, 32, "%.1f %cB", value, *unit);
}

/* The time is written by hand: strftime(3) looks at the file of the zone at every call, and a list
 * has many rows. */
void table_time(time_t when, char out[64])
{
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm parts;
    if (!localtime_r(&when, &parts))
        snprintf(out, 64, "%lld", (long long)when);
    else
        snprintf(out, 64, "%02d %s %02d %02d:%02d %s", parts.tm_mday, months[parts.tm_mon],
                 parts.tm_year % 100, parts.tm_hour, parts.tm_min, parts.tm_zone);
}
