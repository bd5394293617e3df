/* The configuration with which Envoy runs the filters. */
#ifndef WASME_CMD_RUN_BOOTSTRAP_H
#define WASME_CMD_RUN_BOOTSTRAP_H

#include "cmd/command.h"
#include "cmd/run/chain.h"

/* All is lent. */
struct bootstrap_wish {
    const struct chain *chain;
    int version;                        /* of Envoy: 1.40 is 140 */
    int port;                           /* 0: any free one */
    const char *to;                     /* the URL of the server behind the filters; or NULL */
    int upstream_port;                  /* of our own server, without `to` */
    const struct option_list *clusters; /* "NAME=HOST:PORT" or "NAME=URL" */
    const char *ca_file;                /* certificates (PEM) that count, too; or NULL */
    const char *folder;                 /* for files beside the configuration */
    const char *admin;                  /* the path of the admin interface's socket */
};

/* Writes it to the file at `path`, which only the user can read. ERR_USAGE: `to` or a cluster
 * cannot be understood. */
int bootstrap_write(const struct bootstrap_wish *wish, const char *path, struct err *err);

#endif
