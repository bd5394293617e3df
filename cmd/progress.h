/* Progress of a transfer: a bar on a terminal, elsewhere a log line now and then. */
#ifndef WASME_CMD_PROGRESS_H
#define WASME_CMD_PROGRESS_H

/* Names what moves, and starts anew. `title` is lent until progress_end(). */
void progress_begin(const char *title);
/* Bytes moved so far and in all; for registry_options.progress. */
void progress_update(void *unused, long long done, long long total);
/* Takes the bar away. */
void progress_end(void);

#endif
