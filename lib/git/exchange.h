/* One request to a git server: sent, waited for, and bounded in time. */
#ifndef WASME_GIT_EXCHANGE_H
#define WASME_GIT_EXCHANGE_H

#include "base/buf.h"
#include "git/options.h"
#include "http/reach.h"

struct git_exchange_site; /* the HTTP client, and the certificates that count */

struct git_exchange {
    /* The request, which is lent. */
    const char *url;
    const char *authorization; /* a header line; or NULL */
    const struct buf *body;    /* POST; NULL: GET */
    const char *body_type;     /* a header line */
    const char *type;          /* the media type that the answer must have */
    /* Takes the body of an answer with status 200 and that type; an error ends the request. */
    int (*take)(void *arg, const char *data, size_t len, struct err *err);
    void *arg;
    const struct sender *sender; /* the server that named `url`; NULL: the user did */

    /* The answer. */
    enum host_kind reached; /* the kind of the server's address */
    int status;
    bool right_type;
    bool basic;     /* a login of the kind Basic is possible */
    char *location; /* owned; NULL: none */

    /* The state, for exchange.c alone. */
    size_t sent;
    size_t dropped;
    struct err err;
};

int git_exchange_open(const struct git_options *options, struct git_exchange_site **out,
                      struct err *err);
void git_exchange_close(struct git_exchange_site **site); /* for AUTO(); takes NULL */
/* 0 when a whole answer came, of whatever status. The words of an error name the address. */
int git_exchange_run(struct git_exchange_site *site, struct git_exchange *exchange,
                     struct err *err);
void git_exchange_release(struct git_exchange *exchange); /* usable with AUTO() */

#endif
