/* Progress of a transfer: a bar on a terminal, elsewhere a log line now and then. */
#ifndef WASME_CMD_PROGRESS_H
#define WASME_CMD_PROGRESS_H

#include <stddef.h>

#define PROGRESS_LOG_SECONDS 10 /* between two log lines, if there is no bar */

/*
 * Begins a transfer. `title` is the text of log lines ("Pulling image REF"); `what` names the data
 * in the bar, below that line: one or two words in ASCII ("filter.wasm"). Both are lent until
 * progress_end().
 */
void progress_begin(const char *title, const char *what);
/* Says how many of several images are done: the bar then shows "3 of 10 images". */
void progress_images(size_t done, size_t all);
/* Bytes moved so far, and in all; a registry_options.progress. */
void progress_update(void *unused, long long done, long long total);
/* Takes the bar away. */
void progress_end(void);

#endif
