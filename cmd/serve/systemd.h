/*
 * The manager of services that started us, in the protocol of systemd, which others speak as well:
 * sockets that listen already (sd_listen_fds(3)), and messages about our state (sd_notify(3)).
 */
#ifndef WASME_CMD_SERVE_SYSTEMD_H
#define WASME_CMD_SERVE_SYSTEMD_H

#include <stdint.h>

#include "server/server.h"

/* The number of the first socket that systemd hands over (sd_listen_fds(3)). */
enum { SYSTEMD_FIRST_FD = 3 };

struct systemd {
    int listeners[SERVER_LISTENERS_MAX];
    size_t listener_count;
    char *notify_socket; /* owned; NULL: nobody wants messages */
    int64_t watchdog_ms; /* a message must come in this time; 0: no matter */
};

/* Reads the variables of the environment, and removes them, since they are for this process alone.
 * ERR_USAGE: LISTEN_FDS makes no sense. */
int systemd_take(struct systemd *out, struct err *err);
/* Sends "READY=1" and the like, lines without the last line end. A message that cannot be sent is
 * lost: the service goes on. */
void systemd_notify(const struct systemd *systemd, const char *state);
void systemd_release(struct systemd *systemd); /* usable with AUTO() */

#endif
