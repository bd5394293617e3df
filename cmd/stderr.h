/*
 * Lines on standard error. A server must not stand still because nobody reads its log: with
 * patience, a line that the reader does not take in time is lost, and counted.
 */
#ifndef WASME_CMD_STDERR_H
#define WASME_CMD_STDERR_H

/* Waits so many milliseconds for the reader of a line, and at most a tenth of the time for those of
 * many lines; below 0, as at first: for ever. */
void stderr_set_patience(int ms);
/* Writes the line, which comes without its end. One thread at a time calls this and the next. */
void stderr_line(const char *line);
/* How many lines were lost since the last call; 0 as long as the reader takes none. */
long long stderr_take_lost(void);

#endif
