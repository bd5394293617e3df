/* Making a child process; base/process.h has what is done with it. */
#ifndef WASME_BASE_PROCESS_SPAWN_H
#define WASME_BASE_PROCESS_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* A program and its surroundings. All is lent. */
struct process_spawn {
    const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH */
    const char *cwd;         /* NULL: ours */
    const char *const *env;  /* NULL-terminated "NAME=value", over the inherited ones; or NULL */
    int input;               /* becomes its standard input; -1: /dev/null does */
    int output, talk;        /* become its standard output and error; -1: it gets ours */
    bool own_group;
    /* The kernel kills the child when the thread that starts it ends, however that ends. */
    bool dies_with_us;
};

/*
 * Starts the program. The child has no descriptor but its standard ones, and the action of SIGPIPE
 * is the default. With a group of its own it ignores SIGTTIN and SIGTTOU. ERR_NOT_FOUND: no such
 * program in PATH.
 */
int process_spawn(const struct process_spawn *spawn, pid_t *pid, struct err *err);

#endif
