#include "cmd/progress_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cmd/table.h"

/* The least columns that a bar needs, the most that a bar takes, and the columns of a size. */
enum { BAR_MIN = 8, BAR_MAX = 40, BYTES_COLUMNS = 8 };
enum { SAMPLE_EVERY_MS = 250, RATE_AFTER_MS = 400, HOURS_MAX = 99 };

/* The parts of a line. */
enum {
    WITH_BAR = 1,
    WITH_BYTES = 2,
    WITH_RATE = 4,
    WITH_TIME = 8,
    WITH_NAME = 16,
    WITH_PERCENT = 32
};

/* The lines, the fullest first. */
static const unsigned layouts[] = {
    WITH_NAME | WITH_BAR | WITH_BYTES | WITH_RATE | WITH_TIME,
    WITH_NAME | WITH_BAR | WITH_BYTES | WITH_TIME,
    WITH_NAME | WITH_BAR | WITH_BYTES,
    WITH_NAME | WITH_BYTES,
    WITH_NAME | WITH_PERCENT,
    WITH_PERCENT,
};

void progress_time_left(const struct progress_state *state, char out[32])
{
    *out = '\0';
    if (state->rate <= 0 || state->total < state->done)
        return;
    long long left = state->total - state->done;
    long long seconds = left / state->rate + (left % state->rate != 0);
    long long hours = seconds / 3600, minutes = seconds / 60 % 60;
    if (hours > HOURS_MAX)
        return;
    if (hours)
        snprintf(out, 32, "%lld:%02lld:%02lld", hours, minutes, seconds % 60);
    else
        snprintf(out, 32, "%lld:%02lld", minutes, seconds % 60);
}

/* Adds the bytes, at a fixed width, so that the parts behind them do not move. */
static void add_bytes(struct buf *text, const struct progress_state *state)
{
    char done[32], total[32];
    table_size(state->done, done);
    table_size(state->total, total);
    buf_printf(text, " %*s", BYTES_COLUMNS, done);
    if (state->total > 0)
        buf_printf(text, " of %s", total);
}

static void add_rate(struct buf *text, const struct progress_state *state)
{
    char rate[32] = "-";
    if (state->rate > 0)
        table_size(state->rate, rate);
    buf_printf(text, "  %*s/s", BYTES_COLUMNS, rate);
}

static void add_time(struct buf *text, const struct progress_state *state)
{
    char left[32];
    progress_time_left(state, left);
    buf_printf(text, "  %5s left", *left ? left : "-:--");
}

static long long share(const struct progress_state *state, long long of)
{
    if (state->total <= 0)
        return 0;
    if (state->done >= state->total)
        return of;
    return (long long)((double)state->done / (double)state->total * (double)of);
}

static void add_percent(struct buf *text, const struct progress_state *state)
{
    char done[32];
    table_size(state->done, done);
    if (state->total > 0)
        buf_printf(text, " %3lld%%", share(state, 100));
    else
        buf_printf(text, " %s", done);
}

static void add_bar(struct buf *text, const struct progress_state *state, long long width)
{
    long long filled = share(state, width);
    buf_add_text(text, " [");
    for (long long i = 0; i < width; i++)
        buf_add_char(text, i + 1 == filled && filled < width ? '>' : i < filled ? '=' : ' ');
    buf_add_char(text, ']');
}

static char *line_of(const struct progress_state *state, unsigned layout, size_t width)
{
    struct buf line = BUF_INIT(1024);
    AUTO(buf_release) struct buf rest = BUF_INIT(256);
    if (layout & WITH_NAME)
        buf_add_text(&line, state->what);
    if (layout & WITH_BYTES)
        add_bytes(&rest, state);
    if (layout & WITH_RATE)
        add_rate(&rest, state);
    if (layout & WITH_TIME)
        add_time(&rest, state);
    if (layout & WITH_PERCENT)
        add_percent(&rest, state);
    const char *tail = buf_text(&rest) + !line.len; /* no name, no space before the rest */
    size_t used = line.len + strlen(tail) + ((layout & WITH_BAR) ? strlen(" []") : 0);
    if (used + ((layout & WITH_BAR) ? BAR_MIN : 0) > width) {
        buf_clear(&line);
        return buf_steal(&line);
    }
    if (layout & WITH_BAR)
        add_bar(&line, state, width - used < BAR_MAX ? (long long)(width - used) : BAR_MAX);
    buf_add_text(&line, tail);
    return buf_steal(&line);
}

char *progress_line(const struct progress_state *state, int columns)
{
    size_t width = columns > 1 ? (size_t)columns - 1 : 0;
    for (size_t i = 0; i < COUNT(layouts); i++) {
        unsigned layout = layouts[i];
        if (state->total <= 0)
            layout &= ~(unsigned)(WITH_BAR | WITH_TIME);
        char *line = line_of(state, layout, width);
        if (*line)
            return line;
        free(line);
    }
    return mem_dup("");
}

long long meter_rate(struct meter *meter, int64_t now, long long done)
{
    unsigned last = (meter->count + METER_SAMPLES - 1) % METER_SAMPLES;
    if (meter->count && done < meter->samples[last].done)
        meter->count = 0;
    unsigned first = meter->count > METER_SAMPLES ? meter->count % METER_SAMPLES : 0;
    int64_t since = meter->count ? now - meter->samples[first].at : 0;
    long long moved = meter->count ? done - meter->samples[first].done : 0;
    if (!meter->count || now - meter->samples[last].at >= SAMPLE_EVERY_MS) {
        meter->samples[meter->count % METER_SAMPLES].at = now;
        meter->samples[meter->count++ % METER_SAMPLES].done = done;
    }
    return since >= RATE_AFTER_MS ? (long long)((double)moved * 1000 / (double)since) : 0;
}
