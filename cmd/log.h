/*
 * Log lines on stderr, as the original's logger wrote them: on a terminal
 * `INFO[0003] message  key=value`, elsewhere `time="..." level=info msg="..." key=value`.
 */
#ifndef WASME_CMD_LOG_H
#define WASME_CMD_LOG_H

#include <stdbool.h>

#include "base/notice.h"

/* Log lines on a terminal show the seconds since this call. */
void log_start(void);
void log_set_verbose(bool verbose);

enum log_level {
    LOG_DEBUG, /* shown with --verbose */
    LOG_INFO,
    LOG_WARNING,
    LOG_ERROR,
};

/* Writes a line of `message` and of pairs of a key and a value; a NULL key ends the pairs. The
 * caller gives the keys in sorted order, as the original's logger shows them. */
void log_pairs(enum log_level level, const char *message, ...) __attribute__((sentinel));
#define log_info(...) log_pairs(LOG_INFO, __VA_ARGS__)
#define log_warning(...) log_pairs(LOG_WARNING, __VA_ARGS__)

/* Writes a line without pairs, whose message is made as by printf(3). */
void log_format(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
#define log_infof(...) log_format(LOG_INFO, __VA_ARGS__)
#define log_warningf(...) log_format(LOG_WARNING, __VA_ARGS__)

/* Makes a log line of each notice of the libraries. */
extern const struct notice log_notice;

/* Threads take turns: between these calls, which nest, no other thread writes a line. */
void log_hold(void);
void log_let_go(void);

/* Whether standard error is a terminal. */
bool log_on_terminal(void);
/* Whether the terminal has no colours and cannot move the cursor back (TERM=dumb, or no TERM). */
bool log_is_dumb(void);
/* Whether the user wants colours on a terminal: not with NO_COLOR, nor with TERM=dumb. */
bool log_wants_color(void);

/* From now on `before` is called before each line, so that the progress bar can make room for the
 * line; NULL ends that. */
void log_set_hook(void (*before)(void));

#endif
