/* Signals other than those that end serve, as calls in the server's own thread. */
#ifndef WASME_CMD_SERVE_SIGNALS_H
#define WASME_CMD_SERVE_SIGNALS_H

#include <stddef.h>

#include "server/server.h"

enum { SERVE_SIGNALS_MAX = 8 };

/* Begins as {.watch.fd = -1}: SERVE_SIGNALS_INIT. There is one in a process. */
struct serve_signals {
    struct {
        int number;
        void (*act)(void *arg);
        void *arg;
    } acts[SERVE_SIGNALS_MAX];
    size_t count;
    struct server_watch watch;
};

#define SERVE_SIGNALS_INIT                                                                         \
    {                                                                                              \
        .watch = {.fd = -1 }                                                                       \
    }

/* Has `act` called after each signal of that number; several acts may wait for one signal. To be
 * called before serve_signals_begin(). */
void serve_signals_add(struct serve_signals *signals, int number, void (*act)(void *arg),
                       void *arg);
/* Catches the signals from now on; one that was ignored when the process started (nohup) stays
 * ignored. `signals` must last as long as the server runs. */
int serve_signals_begin(struct serve_signals *signals, struct server *server, struct err *err);
/* Ignores the signals again, and closes the descriptor; usable with AUTO(). */
void serve_signals_release(struct serve_signals *signals);

#endif
