#include "cmd/log.h"

#include <ctype.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/visible.h"
#include "cmd/stderr.h"

enum { LINE_MAX_BYTES = 64 * 1024 };

static const struct level {
    const char *shown;
    const char *name;
    int color;
} levels[] = {
    [LOG_DEBUG] = {"DEBU", "debug", 37},
    [LOG_INFO] = {"INFO", "info", 36},
    [LOG_WARNING] = {"WARN", "warning", 33},
    [LOG_ERROR] = {"ERRO", "error", 31},
};

static int64_t start_ms;
static bool verbose;
static void (*before_line)(void);
static pthread_mutex_t turn = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

void log_start(void)
{
    start_ms = clock_ms();
}

void log_set_verbose(bool on)
{
    verbose = verbose || on;
}

void log_set_hook(void (*before)(void))
{
    log_hold();
    before_line = before;
    log_let_go();
}

void log_hold(void)
{
    (void)pthread_mutex_lock(&turn);
}

void log_let_go(void)
{
    (void)pthread_mutex_unlock(&turn);
}

bool log_on_terminal(void)
{
    return isatty(STDERR_FILENO);
}

bool log_is_dumb(void)
{
    const char *term = getenv("TERM");
    return !term || !*term || strcmp(term, "dumb") == 0;
}

bool log_wants_color(void)
{
    const char *no_color = getenv("NO_COLOR");
    return !(no_color && *no_color) && !log_is_dumb();
}

/* Whether a value is written without quotes. All other values are quoted, and their control
 * characters replaced, so that none reaches a terminal. */
static bool is_bare(const char *text)
{
    for (; *text; text++) {
        if (!isalnum((unsigned char)*text) && !strchr("-._/@^+", *text))
            return false;
    }
    return true;
}

static void add_value(struct buf *line, const char *value)
{
    if (is_bare(value) && *value) {
        buf_add_text(line, value);
        return;
    }
    struct buf clean = BUF_INIT(LINE_MAX_BYTES);
    visible_add(&clean, value, true);
    buf_add_char(line, '"');
    for (const char *at = buf_text(&clean); *at; at++) {
        if (*at == '"' || *at == '\\')
            buf_printf(line, "\\%c", *at);
        else if (*at == '\n' || *at == '\t')
            buf_add_text(line, *at == '\n' ? "\\n" : "\\t");
        else
            buf_add_char(line, *at);
    }
    buf_add_char(line, '"');
    buf_release(&clean);
}

static void add_pairs(struct buf *line, va_list pairs, int color)
{
    for (const char *key; (key = va_arg(pairs, const char *));) {
        if (color)
            buf_printf(line, " \x1b[%dm%s\x1b[0m=", color, key);
        else
            buf_printf(line, " %s=", key);
        add_value(line, va_arg(pairs, const char *));
    }
}

static void format_terminal(struct buf *line, const struct level *level, const char *message,
                            va_list pairs)
{
    int color = log_wants_color() ? level->color : 0;
    struct buf text = BUF_INIT(LINE_MAX_BYTES);
    visible_add(&text, message, false);
    int seconds = (int)((clock_ms() - start_ms) / 1000);
    if (color)
        buf_printf(line, "\x1b[%dm%s\x1b[0m[%04d] %-44s", color, level->shown, seconds,
                   buf_text(&text));
    else
        buf_printf(line, "%s[%04d] %-44s", level->shown, seconds, buf_text(&text));
    buf_release(&text);
    add_pairs(line, pairs, color);
    while (line->len && line->data[line->len - 1] == ' ')
        line->data[--line->len] = '\0';
}

static void format_plain(struct buf *line, const struct level *level, const char *message,
                         va_list pairs)
{
    char stamp[CLOCK_TEXT_MAX];
    (void)clock_format_local(time(NULL), stamp);
    buf_printf(line, "time=\"%s\" level=%s msg=", stamp, level->name);
    add_value(line, message);
    add_pairs(line, pairs, 0);
}

static void tell_lost(void)
{
    long long count = stderr_take_lost();
    if (count)
        log_warningf("%lld lines of the log were lost, since nobody read them", count);
}

void log_pairs(enum log_level level, const char *message, ...)
{
    if (level == LOG_DEBUG && !verbose)
        return;
    va_list pairs;
    va_start(pairs, message);
    struct buf line = BUF_INIT(LINE_MAX_BYTES);
    if (log_on_terminal())
        format_terminal(&line, &levels[level], message, pairs);
    else
        format_plain(&line, &levels[level], message, pairs);
    va_end(pairs);
    log_hold();
    if (before_line)
        before_line();
    tell_lost();
    stderr_line(buf_text(&line));
    log_let_go();
    buf_release(&line);
}

void log_format(enum log_level level, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTO_FREE char *message = mem_vprintf(format, args);
    va_end(args);
    log_pairs(level, message, NULL);
}

static void say(void *arg, enum notice_level level, const char *text)
{
    static const enum log_level as[] = {
        [NOTICE_DEBUG] = LOG_DEBUG, [NOTICE_INFO] = LOG_INFO, [NOTICE_WARNING] = LOG_WARNING};
    (void)arg;
    log_pairs(as[level], text, NULL);
}

const struct notice log_notice = {say, NULL};
