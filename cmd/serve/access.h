/* Who may use the server: the networks of --allow. */
#ifndef WASME_CMD_SERVE_ACCESS_H
#define WASME_CMD_SERVE_ACCESS_H

#include "cmd/command.h"
#include "server/server.h"

struct serve_access_args {
    struct option_list allow;
};

struct serve_access {
    struct network *networks; /* owned */
    size_t network_count;
};

/* Reads what the options say. serve_access_release() frees the result, also after an error. */
int serve_access_open(const struct serve_access_args *args, struct serve_access *out,
                      struct err *err);
/* Makes the server ask; `access` must last as long as the server. */
void serve_access_use(struct serve_access *access, struct server_options *options);
void serve_access_release(struct serve_access *access); /* usable with AUTO() */

#endif
