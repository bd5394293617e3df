/*
 * A restart without a gap: SIGUSR2 starts the program anew, with the same arguments, the same
 * sockets, and the lock by which this server is the one that writes to its registry. When the new
 * process says that it is ready, this one accepts nothing more, and ends after the requests that
 * run. When the new process fails, this one goes on.
 */
#ifndef WASME_CMD_SERVE_RESTART_H
#define WASME_CMD_SERVE_RESTART_H

#include <sys/types.h>

#include "cmd/serve/systemd.h"

struct serve_restart {
    struct server *server;   /* lent, as the next one */
    struct systemd *systemd; /* who is told of the new process */
    int lock;                /* lent: is handed over, too; or -1 */
    char *program;           /* owned: the path that this process was started from */
    pid_t child;             /* 0: none is being started */
    struct server_watch ready;
};

/* Is there a process before us that waits until we are ready? `*ready` is for serve_restart_tell(),
 * and `*lock`, which the caller closes, is what that process handed over; -1: there is none. */
void serve_restart_take(int *ready, int *lock);
/* Tells that process, and closes the descriptor. */
void serve_restart_tell(int fd);

void serve_restart_init(struct serve_restart *restart, struct server *server,
                        struct systemd *systemd);
/* The act of SIGUSR2; `restart` is a struct serve_restart. */
void serve_restart_begin(void *restart);
/* Ends a new process that is not ready yet; usable with AUTO(), also when all is zero. */
void serve_restart_release(struct serve_restart *restart);

#endif
