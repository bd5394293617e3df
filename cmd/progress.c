#include "cmd/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/table.h"

enum { BAR_EVERY_MS = 100, LOG_EVERY_MS = 10000, BAR_WIDTH = 30, BAR_COLUMNS = 79 };

static struct {
    const char *title;
    bool terminal;
    bool shown;
    int64_t start;
    int64_t next;
} progress;

static void hide(void)
{
    if (progress.shown)
        fputs("\r\x1b[K", stderr);
    progress.shown = false;
}

void progress_begin(const char *title)
{
    progress.title = title;
    progress.terminal = isatty(STDERR_FILENO);
    progress.start = clock_ms();
    progress.next = progress.start + (progress.terminal ? BAR_EVERY_MS : LOG_EVERY_MS);
    log_set_hook(hide);
}

static void draw(const char *counts, const char *rate, int filled)
{
    char bar[BAR_WIDTH + 1];
    memset(bar, ' ', BAR_WIDTH);
    memset(bar, '=', (size_t)filled);
    bar[BAR_WIDTH] = '\0';
    AUTO_FREE char *line = mem_printf("[%s] %s, %s  %s", bar, counts, rate, progress.title);
    fprintf(stderr, "\r\x1b[K%.*s", BAR_COLUMNS, line);
    progress.shown = true;
}

void progress_update(void *unused, long long done, long long total)
{
    (void)unused;
    int64_t now = clock_ms();
    if (!progress.title || now < progress.next || done <= 0)
        return;
    progress.next = now + (progress.terminal ? BAR_EVERY_MS : LOG_EVERY_MS);
    char moved[32], all[32], speed[32];
    table_size(done, moved);
    table_size(total, all);
    table_size(done * 1000 / (now - progress.start), speed);
    AUTO_FREE char *counts = mem_printf("%s of %s", moved, total > 0 ? all : "?");
    AUTO_FREE char *rate = mem_printf("%s/s", speed);
    if (progress.terminal)
        draw(counts, rate, total > 0 && done <= total ? (int)(done * BAR_WIDTH / total) : 0);
    else
        log_info(progress.title, "rate", rate, "transferred", counts, NULL);
}

void progress_end(void)
{
    hide();
    progress.title = NULL;
    log_set_hook(NULL);
}
