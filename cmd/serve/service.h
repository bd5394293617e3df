/* serve as a service: what its manager gives it and wants to know, signals, restarts. */
#ifndef WASME_CMD_SERVE_SERVICE_H
#define WASME_CMD_SERVE_SERVICE_H

#include "cmd/serve/restart.h"
#include "cmd/serve/signals.h"
#include "cmd/serve/systemd.h"

struct serve_service {
    struct serve_signals signals;
    struct systemd systemd;
    struct serve_restart restart;
    struct server_watch stop, watchdog;
    bool ends_with_terminal;
    int ready, lock; /* see serve_restart_take() */
};

/*
 * Reads the environment. serve_service_release() ends all, also after an error, and after the
 * server was closed.
 */
int serve_service_take(struct serve_service *out, struct err *err);
/* Lets the server use the sockets of the manager, where there are any. */
void serve_service_use(const struct serve_service *service, struct server_options *options);
/* Has `act` called after each SIGHUP, in the server's thread; a SIGHUP that comes because the
 * terminal of the process is closed ends the server instead. Before serve_service_begin(). */
void serve_service_on_reload(struct serve_service *service, void (*act)(void *arg), void *arg);
/* The server is open; `stop` is the descriptor that ends it. */
int serve_service_begin(struct serve_service *service, struct server *server, int stop,
                        struct err *err);
/* The lock that the process before us handed over, which the caller closes; or -1. */
int serve_service_lock(struct serve_service *service);
/* Has the next process get this lock, which is lent; after serve_service_begin(). */
void serve_service_hand_over(struct serve_service *service, int lock);
/* Tells all who wait for it that the server answers now. */
void serve_service_ready(struct serve_service *service);
void serve_service_release(struct serve_service *service); /* usable with AUTO() */

#endif
