/* The registry API of `wasme serve`. */
#ifndef WASME_CMD_SERVE_REGISTRY_H
#define WASME_CMD_SERVE_REGISTRY_H

#include "cmd/command.h"
#include "cmd/serve/proxy.h"
#include "cmd/serve/registry_dir.h"
#include "server/server.h"
#include "store/distribution/distribution.h"

/* Threads: each may wait for the upstream, or for the turn to change the folder, which `wasme
 * prune` may have for seconds. Reads need one, too. */
enum { SERVE_REGISTRY_WORKERS = 64 };

struct serve_registry_args {
    bool off;
    bool writable;
    bool anonymous;
    const char *dir;
    const char *name;
    long long max_upload; /* bytes */
    struct serve_proxy_args proxy;
};

/* Options of the registry, for a table of options. */
/* A member of a member cannot stand in parentheses here. */
/* NOLINTBEGIN(bugprone-macro-parentheses) */
#define SERVE_REGISTRY_OPTIONS(type, field)                                                        \
    OPT_FLAG(type, field.off, 0, "no-registry", "do not be a registry"),                           \
        OPT_FLAG(type, field.writable, 0, "writable", "accept pushes and deletions"),              \
        OPT_FLAG(type, field.anonymous, 0, "anonymous-push",                                       \
                 "let everybody write, from other machines too"),                                  \
        OPT_TEXT(type, field.name, 0, "name", "HOST[:PORT]", COMPLETE_NONE,                        \
                 "store pushed images under this name", .otherwise = "localhost:PORT"),            \
        OPT_SIZE(type, field.max_upload, 0, "max-upload", "SIZE", 10LL * 1024 * 1024 * 1024,       \
                 "accept blobs of up to SIZE"),                                                    \
        SERVE_PROXY_OPTIONS(type, field.proxy),                                                    \
        REGISTRY_DIR_OPTION(type, field.dir, "keep what is pushed in DIR")
/* NOLINTEND(bugprone-macro-parentheses) */

struct serve_registry;

/* `store_option` is the value of --store, or NULL; `digests` is lent. With --no-registry, `*out` is
 * NULL. */
int serve_registry_open(const struct serve_registry_args *args, struct store *store,
                        const char *store_option, struct digest_cache *digests,
                        struct serve_registry **out, struct err *err);
/* Whether the registry is a cache, or accepts pushes; `registry` may be NULL. */
bool serve_registry_writes(const struct serve_registry *registry);
void serve_registry_close(struct serve_registry *registry);
void serve_registry_close_at(struct serve_registry **registry); /* for AUTO() */
/* Says on which port the server listens, before the first request. `strangers`: other machines
 * reach the server, and nobody is asked for a login. ERR_USAGE: they could push. `lock`: see
 * dist_options. */
int serve_registry_begin(struct serve_registry *registry, int port, bool strangers, int lock,
                         struct err *err);
/* See dist_lock(). */
int serve_registry_lock(const struct serve_registry *registry);
/* The name under which pushed images are stored, once that has been called. */
const char *serve_registry_host(const struct serve_registry *registry);
/* Whether the request is one for the registry; `registry` may be NULL. */
bool serve_registry_is_for(const struct serve_registry *registry,
                           const struct server_request *request);
int serve_registry_handle(struct serve_registry *registry, const struct server_request *request,
                          struct server_reply *reply, struct err *err);

#endif
