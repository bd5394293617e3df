/* A run: Envoy's program, a folder, the server behind the filters, and Envoy itself, which may be
 * started several times. */
#ifndef WASME_CMD_RUN_SESSION_H
#define WASME_CMD_RUN_SESSION_H

#include "cmd/run/chain.h"
#include "cmd/run/find.h"
#include "cmd/run/folder.h"
#include "cmd/run/launch.h"
#include "cmd/run/proxy.h"
#include "cmd/run/upstream.h"

/* The user's words. All is lent. */
struct session_wish {
    struct chain_wish chain; /* without host and folder */
    const char *envoy;       /* or NULL */
    const char *version;     /* or NULL */
    const char *image;       /* run Envoy in a container of it; or NULL */
    const char *to;          /* or NULL */
    const char *ca_file;     /* certificates (PEM) that count, too; or NULL */
    int port;                /* 0: any free one */
    const struct option_list *clusters;
    const char *const *flags; /* Envoy's own; NULL-terminated */
    enum envoy_level level;
    bool keeps_lines; /* see struct talk */
};

struct session {
    const struct session_wish *wish;
    struct launch launch;
    struct host_choice host;
    struct run_folder folder;
    char *bootstrap, *admin;   /* paths in the folder */
    struct upstream *upstream; /* NULL: with `to` */
    struct talk talk;
    struct proxy_wish proxy_wish;
    struct chain chain;
    struct proxy proxy;
    const char *config_file; /* lent: for filters without a configuration of their own; or NULL */
    int port;                /* where Envoy listens; the same after another start */
};
#define SESSION_INIT                                                                               \
    {                                                                                              \
        .folder = RUN_FOLDER_INIT, .proxy = PROXY_INIT                                             \
    }

/* Prepares all but Envoy. `stop_fd` becomes readable when the user wants an end. The session must
 * not be moved afterwards. */
int session_open(const struct session_wish *wish, int stop_fd, struct session *session,
                 struct err *err);
/* Reads the filters and starts Envoy; one that runs is ended first. The error says what is wrong
 * with the filter, or with Envoy. */
int session_start(struct session *session, struct err *err);
/* The error of an Envoy that has ended by itself. */
int session_ended(const struct session *session, struct err *err);
void session_close(struct session *session); /* usable with AUTO() */

#endif
