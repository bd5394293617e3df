/*
 * An Envoy that runs beside us. Its log and its end are noticed within proxy_turn() alone, which
 * whoever waits for something calls in place of poll(2): an Envoy whose log nobody reads stops.
 */
#ifndef WASME_CMD_RUN_PROXY_H
#define WASME_CMD_RUN_PROXY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "cmd/run/talk.h"

enum { PROXY_PAUSE_MS = 25 }; /* between two looks whether Envoy is ready, or has ended */

/* All is lent for as long as Envoy runs. */
struct proxy_wish {
    const char *const *argv; /* NULL-terminated */
    const char *admin;       /* the path of the socket of its admin interface */
    struct talk *talk;
    int stop_fd; /* becomes readable when the user wants an end */
    bool shared; /* the process of a container engine, which hears signals for its container */
};

struct proxy {
    bool running;
    int status; /* when it has ended: the exit status, or 128 + the number of the signal */
    pid_t pid;
    int pidfd, log_fd;
    int port; /* where it listens; 0: not known yet */
    const struct proxy_wish *wish;
    struct envoy_log log;
};
#define PROXY_INIT                                                                                 \
    {                                                                                              \
        .pidfd = -1, .log_fd = -1                                                                  \
    }

enum proxy_turn {
    PROXY_TIME_OVER,
    PROXY_READY, /* the descriptor */
    PROXY_ENDED, /* Envoy */
    PROXY_STOP,  /* the user */
};

/* Starts Envoy, which then takes its time: see ready.h. */
int proxy_spawn(const struct proxy_wish *wish, struct proxy *out, struct err *err);
/* Waits until the descriptor (or -1) has one of the events of poll(2), or clock_ms() is `until`
 * (below 0: no limit), or Envoy or the user ends. */
enum proxy_turn proxy_turn(struct proxy *proxy, int fd, short events, int64_t until);
/* Waits where no Envoy runs: PROXY_STOP or PROXY_TIME_OVER. */
enum proxy_turn proxy_wait_without(int stop_fd, int ms);
/* Ends Envoy, and reads what it says last; usable with AUTO(). */
void proxy_stop(struct proxy *proxy);

#endif
