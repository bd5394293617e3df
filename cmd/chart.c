#include "cmd/chart.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/visible.h"

enum { COLUMNS_MIN = 60 };

int chart_columns(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || !size.ws_col)
        return CHART_COLUMNS;
    if (size.ws_col < COLUMNS_MIN)
        return COLUMNS_MIN;
    return size.ws_col < CHART_COLUMNS_MAX ? size.ws_col : CHART_COLUMNS_MAX;
}

char *chart_bar(uint64_t part, uint64_t most, int cells)
{
    double share = most ? (double)part / (double)most : 0;
    size_t len = cells > 0 ? (size_t)((double)cells * share + 0.5) : 0;
    char *bar = mem_alloc(len + 1);
    memset(bar, '#', len);
    bar[len] = '\0';
    return bar;
}

void chart_percent(uint64_t part, uint64_t whole, char out[16])
{
    snprintf(out, 16, "%.1f%%", whole ? 100 * (double)part / (double)whole : 0);
}

/* Does the byte begin a character? */
static bool begins(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

/* The bytes of the first `count` characters; of all when there are fewer. */
static size_t bytes_of(const char *text, int count)
{
    size_t at = 0;
    for (; text[at]; at++) {
        if (begins(text[at]) && count-- <= 0)
            break;
    }
    return at;
}

char *chart_cut(const char *text, int columns)
{
    static const char dots[] = "...";
    struct buf shown = BUF_INIT(strlen(text));
    visible_add(&shown, text, false);
    char *all = buf_steal(&shown);
    int kept = columns - (int)strlen(dots);
    if (kept < 0 || !all[bytes_of(all, columns)])
        return all;
    all[bytes_of(all, kept)] = '\0';
    char *cut = mem_printf("%s%s", all, dots);
    mem_free_at(&all);
    return cut;
}
