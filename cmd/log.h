/*
 * Log lines on stderr, as the original's logger wrote them: on a terminal
 * `INFO[0003] message  key=value`, elsewhere `time="..." level=info msg="..." key=value`.
 */
#ifndef WASME_CMD_LOG_H
#define WASME_CMD_LOG_H

#include <stdbool.h>

#include "base/notice.h"

/* Seconds in log lines count from here. */
void log_start(void);
void log_set_verbose(bool verbose);

/* `message`, then pairs of keys and values that end with a NULL key; keys are sorted already. */
void log_info(const char *message, ...) __attribute__((sentinel));
void log_warning(const char *message, ...) __attribute__((sentinel));
void log_error(const char *message, ...) __attribute__((sentinel));
void log_debug(const char *message, ...) __attribute__((sentinel));

/* Notices of the libraries become log lines. */
extern const struct notice log_notice;

/* Whether standard error is a terminal. */
bool log_on_terminal(void);
/* Whether terminals here know no colours and no moving back (TERM=dumb). */
bool log_is_dumb(void);
/* Whether the user wants colours where a terminal is: NO_COLOR has a say too. */
bool log_wants_color(void);

/* Called before a line is written, to make place for it: the progress bar's. NULL: nobody. */
void log_set_hook(void (*before)(void));

#endif
