#include "cmd/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/progress_line.h"
#include "cmd/table.h"

enum { BAR_EVERY_MS = 100, LOG_EVERY_MS = PROGRESS_LOG_SECONDS * 1000, COLUMNS_DEFAULT = 80 };

static struct {
    const char *title;
    const char *what;
    char images[64]; /* shown instead of `what`; or "" */
    bool bar;
    bool shown;
    int64_t next;
    struct meter meter;
} progress;

static void hide(void)
{
    if (progress.shown)
        fputs("\r\x1b[K", stderr);
    progress.shown = false;
}

/* Whether a bar can be drawn: the terminal must be able to move the cursor back, and wasme must be
 * in the foreground. */
static bool can_draw(void)
{
    pid_t group = log_on_terminal() ? tcgetpgrp(STDERR_FILENO) : -1;
    return log_on_terminal() && !log_is_dumb() && (group < 0 || group == getpgrp());
}

static int columns(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return COLUMNS_DEFAULT;
    return size.ws_col;
}

void progress_begin(const char *title, const char *what)
{
    progress.title = title;
    progress.what = what;
    progress.images[0] = '\0';
    progress.bar = log_on_terminal() && !log_is_dumb();
    progress.next = clock_ms() + (progress.bar ? BAR_EVERY_MS : LOG_EVERY_MS);
    progress.meter = (struct meter){0};
    log_set_hook(hide);
}

void progress_images(size_t done, size_t all)
{
    snprintf(progress.images, sizeof(progress.images), "%zu of %zu images", done, all);
}

static void draw(const struct progress_state *state)
{
    AUTO_FREE char *line = progress_line(state, columns());
    hide();
    if (!*line || !can_draw())
        return;
    fputs(line, stderr);
    progress.shown = true;
}

static void write_log(const struct progress_state *state)
{
    char moved[32], all[32] = "?", speed[32], left[32];
    table_size(state->done, moved);
    if (state->total > 0)
        table_size(state->total, all);
    table_size(state->rate, speed);
    progress_time_left(state, left);
    AUTO_FREE char *counts = mem_printf("%s of %s", moved, all);
    AUTO_FREE char *rate = mem_printf("%s/s", speed);
    log_info(progress.title, "left", *left ? left : "?", "rate", rate, "transferred", counts, NULL);
}

void progress_update(void *unused, long long done, long long total)
{
    (void)unused;
    int64_t now = clock_ms();
    if (!progress.title || done <= 0)
        return;
    const struct progress_state state = {
        .what = *progress.images ? progress.images : progress.what,
        .done = done,
        .total = total,
        .rate = meter_rate(&progress.meter, now, done),
    };
    if (now < progress.next)
        return;
    progress.next = now + (progress.bar ? BAR_EVERY_MS : LOG_EVERY_MS);
    log_hold();
    if (progress.bar)
        draw(&state);
    else
        write_log(&state);
    log_let_go();
}

void progress_end(void)
{
    log_hold();
    hide();
    log_set_hook(NULL);
    log_let_go();
    progress.title = NULL;
}
