/* The addresses under which clients reach what is served, as pages and JSON name them. */
#ifndef WASME_CMD_SERVE_SELF_H
#define WASME_CMD_SERVE_SELF_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/digest.h"
#include "server/request.h"

enum { SELF_HOST_MAX = 260 };

/* What the pages need to know of the server. */
struct site {
    int port;
    bool secure;      /* https */
    bool registry;    /* the OCI distribution API is there */
    const char *name; /* of the registry: the host in references of images that were pushed here */
};

/* The server's own address, as the client of a request names it. */
struct self {
    const struct site *site;
    char host[SELF_HOST_MAX]; /* "10.0.0.7:8080" */
};

/* Takes the Host of the request, when that is one that can stand in an address; else
 * localhost:PORT. */
void self_of(const struct site *site, const struct server_request *request, struct self *out);
/* Whether the text is a name or an address of a host, with or without a port (RFC 3986, 3.2.2;
 * percent-encoded names are refused). */
bool self_host_valid(const char *text);
/* Adds "http://host:port" and the path, which begins with a slash, percent-encoded. */
void self_url(const struct self *self, const char *path, struct buf *out);
/* Adds "oci://host:port/NAME". */
void self_oci(const struct self *self, const char *name, struct buf *out);
/* Adds the name of the host alone, and returns the port. */
int self_parts(const struct self *self, struct buf *host);

#endif
