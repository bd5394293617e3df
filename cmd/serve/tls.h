/* The options of TLS, and a new certificate at SIGHUP. */
#ifndef WASME_CMD_SERVE_TLS_H
#define WASME_CMD_SERVE_TLS_H

#include "cmd/command.h"
#include "cmd/serve/service.h"
#include "server/server.h"

struct serve_tls_args {
    const char *cert;
    const char *key;
};

struct serve_tls {
    struct server *server; /* lent */
};

/* Puts the options into those of the server, and guards the memory when there is a key. */
int serve_tls_use(const struct serve_tls_args *args, struct server_options *options,
                  struct err *err);
/* Has SIGHUP make a server of TLS read its certificate again. `tls` must last as long as the server
 * runs. */
void serve_tls_watch(struct serve_tls *tls, struct server *server, struct serve_service *service);

#endif
