/* A child that dies with its parent, which posix_spawn(3) cannot make; for process_spawn.c. */
#ifndef WASME_BASE_PROCESS_BOUND_H
#define WASME_BASE_PROCESS_BOUND_H

#include <sys/types.h>

struct process_spawn;

/* Starts the program with this whole environment. Returns 0, or the number of the error. */
int process_spawn_bound(const struct process_spawn *spawn, const char *const *env, pid_t *pid);

#endif
