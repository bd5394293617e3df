/* Threads for work that is not the command's own: hashing, waiting for a disk. */
#ifndef WASME_BASE_THREAD_H
#define WASME_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Begins a thread that gets no signals: they are for the thread that began it. False: the system
 * has no thread left, and the caller does the work itself. */
bool thread_begin(pthread_t *thread, void *(*work)(void *arg), void *arg);

#endif
