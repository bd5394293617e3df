/*
 * Work that would keep the loop waiting (hashes, passwords, changes of the store), done by threads
 * of the server. The threads are started when there is work for them, and block all signals.
 */
#ifndef WASME_SERVER_JOBS_H
#define WASME_SERVER_JOBS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct jobs;

struct job_task {
    void (*work)(void *arg); /* called by a thread of the pool */
    /* Called by jobs_reap(), after `work`; or NULL. */
    void (*done)(void *arg);
    /* Called instead of `done`, when the pool is closed before; also instead of `work`, when that
     * has not begun; or NULL. */
    void (*drop)(void *arg);
    void *arg;
};

/* `threads`: at the most; `max`: tasks that wait for a thread. */
int jobs_open(int threads, size_t max, struct jobs **out, struct err *err);
/* A descriptor that is readable while jobs_reap() has something to do. */
int jobs_fd(const struct jobs *jobs);
/* Returns false, and calls nothing, when too many tasks wait or no thread can be started. */
bool jobs_add(struct jobs *jobs, const struct job_task *task);
/* Calls `done` for the tasks whose work has ended. */
void jobs_reap(struct jobs *jobs);
/* How many tasks wait for a thread, and how many are at work. */
void jobs_count(struct jobs *jobs, size_t *waiting, size_t *working);
/* Waits for the work that has begun, and drops all tasks. NULL is fine. */
void jobs_close(struct jobs *jobs);

#endif
