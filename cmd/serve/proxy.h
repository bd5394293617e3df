/* The registry of `wasme serve` as a cache in front of another one. */
#ifndef WASME_CMD_SERVE_PROXY_H
#define WASME_CMD_SERVE_PROXY_H

#include "cmd/transfer.h"
#include "store/distribution/distribution.h"

struct serve_proxy_args {
    const char *upstream;
    int fresh;
    struct transfer_args transfer; /* how the upstream is reached */
};

/* Options of the cache, for a table of options. */
/* A member of a member cannot stand in parentheses here. */
/* NOLINTBEGIN(bugprone-macro-parentheses) */
#define SERVE_PROXY_OPTIONS(type, field)                                                           \
    OPT_TEXT(type, field.upstream, 0, "proxy", "UPSTREAM", COMPLETE_NONE,                          \
             "be a cache of the registry UPSTREAM: HOST[:PORT][/PREFIX]"),                         \
        OPT_NUMBER(type, field.fresh, 0, "proxy-fresh", "SECONDS", 0, 604800, 60,                  \
                   "ask UPSTREAM about a tag again after SECONDS"),                                \
        OPT_LIST(type, field.transfer.credentials, 'c', "config", "FILE", COMPLETE_FILE,           \
                 "read credentials for UPSTREAM from FILE", .group = GROUP_CREDENTIALS),           \
        OPT_FLAG(type, field.transfer.reach.insecure, 0, "insecure",                               \
                 "do not verify the certificate of UPSTREAM", .group = GROUP_CONNECTION),          \
        OPT_FLAG(type, field.transfer.reach.plain_http, 0, "plain-http",                           \
                 "reach UPSTREAM by http, not https", .group = GROUP_CONNECTION),                  \
        OPT_TEXT(type, field.transfer.reach.ca_file, 0, "ca-file", "FILE", COMPLETE_FILE,          \
                 "for UPSTREAM, trust the CA certificates in FILE (PEM) too",                      \
                 .group = GROUP_CONNECTION)
/* NOLINTEND(bugprone-macro-parentheses) */

struct serve_proxy;

/* Without --proxy, `*out` is NULL. ERR_USAGE. */
int serve_proxy_open(const struct serve_proxy_args *args, struct serve_proxy **out,
                     struct err *err);
void serve_proxy_close(struct serve_proxy *proxy); /* NULL is fine */
/* Lent by the proxy; NULL for NULL. */
const struct dist_upstream *serve_proxy_upstream(const struct serve_proxy *proxy);

#endif
