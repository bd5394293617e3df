/*
 * Stopping: every loop that reads a file or a peer's bytes, however deep it lies, asks here whether
 * the work is to end. The program says once what may end it; a library alone never stops.
 */
#ifndef WASME_BASE_STOP_H
#define WASME_BASE_STOP_H

#include "base/err.h"

/* From now on, a non-zero `*interrupted` (lent; or NULL) ends the work, and so does the end of that
 * many seconds (0: no limit). */
void stop_when(const volatile int *interrupted, long seconds);
/* 0: go on. ERR_INTERRUPTED, or ERR_FAILED when the time is over. */
int stop_check(struct err *err);
/* The error for work that was not done after so many seconds of --timeout. Returns ERR_FAILED. */
int stop_late(long seconds, struct err *err);

#endif
