/* Progress of a transfer: a bar on a terminal, elsewhere a log line now and then. */
#ifndef WASME_CMD_PROGRESS_H
#define WASME_CMD_PROGRESS_H

#include <stddef.h>

#define PROGRESS_LOG_SECONDS 10 /* between two log lines, where there is no bar */

/*
 * Starts anew. `title` is the log line's text ("Pulling image REF"), `what` is what moves, for the
 * bar, which stands below that line: ASCII, a word or two ("filter.wasm"). Both are lent until
 * progress_end().
 */
void progress_begin(const char *title, const char *what);
/* Of several images, so many are done: the bar says "3 of 10 images". */
void progress_images(size_t done, size_t all);
/* Bytes moved so far and in all; for registry_options.progress. */
void progress_update(void *unused, long long done, long long total);
/* Takes the bar away. */
void progress_end(void);

#endif
