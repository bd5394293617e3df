/* wasme serve: files of a folder, an image or the whole store over HTTP. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/interrupt.h"
#include "cmd/log.h"
#include "cmd/serve/access.h"
#include "cmd/serve/announce.h"
#include "cmd/serve/file.h"
#include "cmd/serve/folder.h"
#include "cmd/serve/registry.h"
#include "cmd/serve/service.h"
#include "cmd/serve/size_limit.h"
#include "cmd/serve/status.h"
#include "cmd/serve/store.h"
#include "cmd/serve/tls.h"
#include "cmd/settings.h"
#include "cmd/stderr.h"
#include "server/server.h"

enum { LOG_PATIENCE_MS = 200 }; /* all clients wait meanwhile */

struct serve_args {
    int port;
    const char *bind;
    bool cors;
    bool quiet;
    bool follow;
    int max_connections;
    int max_per_address;
    struct serve_access_args access;
    struct serve_tls_args tls;
    const char *store;
    struct serve_registry_args registry;
};

static void log_request(void *arg, const struct server_log *entry)
{
    (void)arg;
    AUTO_FREE char *what = mem_printf("%s %s %d", entry->method, entry->target, entry->status);
    AUTO_FREE char *bytes = mem_printf("%lld", entry->bytes);
    AUTO_FREE char *ms = mem_printf("%" PRId64, entry->ms);
    log_info(what, "agent", entry->agent, "bytes", bytes, "ms", ms, "peer", entry->peer,
             entry->user ? "user" : NULL, entry->user, NULL);
}

static void log_failure(void *arg, const char *what)
{
    (void)arg;
    log_warning(what, NULL);
}

/* The source of the files. */
struct source {
    int (*resolve)(void *arg, const struct server_request *request, struct server_reply *out,
                   struct err *err);
    void *arg;
    struct site *site;
    struct status status;            /* of a store with its catalogue */
    struct serve_registry *registry; /* NULL: none */
};

/* A store has no files of its own at the paths of the status; a folder may have some. */
static bool is_status(const struct source *source, const struct server_request *request,
                      struct server_reply *reply, bool before)
{
    return before == (source->status.live != NULL) && reply->kind == REPLY_STATUS &&
           reply->status == 0 && !reply->job.run &&
           status_resolve(&source->status, request->path, reply);
}

static int handle(void *opaque, const struct server_request *request, struct server_reply *reply,
                  struct err *err)
{
    const struct source *source = opaque;
    if (serve_registry_is_for(source->registry, request))
        return serve_registry_handle(source->registry, request, reply, err);
    if (server_reply_unless_read(request, reply))
        return 0;
    if (is_status(source, request, reply, true))
        return 0;
    int rc = source->resolve(source->arg, request, reply, err);
    if (!rc)
        is_status(source, request, reply, false);
    return rc;
}

static void look_at_folder(void *arg)
{
    const struct serve_folder *folder = arg;
    size_limit_warn_folder(folder->tree.root);
}

/* Tells the source of the server, and begins what threads of the server do at first. */
static int begin(struct source *source, struct server *server, struct err *err)
{
    source->status.server = server;
    source->site->port = server_port(server);
    source->site->name = source->registry ? serve_registry_host(source->registry) : NULL;
    if (source->resolve == serve_folder_resolve) /* when too many jobs wait, nothing is said */
        (void)server_background(server, look_at_folder, NULL, NULL, source->arg);
    return source->status.live ? live_begin(source->status.live, server, err) : 0;
}

static int serve_with(const struct serve_args *args, const char *what, struct source source,
                      struct err *err)
{
    AUTO(serve_access_release) struct serve_access access = {.networks = NULL};
    AUTO(serve_service_release) struct serve_service service;
    AUTO(server_close_at) struct server *server = NULL;
    struct serve_tls tls;
    AUTO_FREE char *bind = args->bind ? announce_bare_address(args->bind) : NULL;
    struct server_options options;
    server_options_init(&options);
    options.bind = bind;
    options.port = args->port;
    options.cors = args->cors;
    options.max_connections = args->max_connections;
    options.max_per_address = args->max_per_address;
    options.handle = handle;
    options.log = args->quiet ? NULL : log_request;
    options.failed = log_failure;
    options.arg = &source;
    if (serve_registry_writes(source.registry))
        options.workers = SERVE_REGISTRY_WORKERS;
    options.drain_ms = 0; /* downloads are finished; a second signal ends them */
    int rc = serve_service_take(&service, err);
    if (!rc)
        rc = serve_access_open(&args->access, &access, err);
    if (rc)
        return rc;
    serve_access_use(&access, &options, &service);
    serve_service_use(&service, &options);
    rc = serve_tls_use(&args->tls, &options, err);
    if (rc)
        return rc;
    int stop = interrupt_fd();
    if (stop < 0)
        return err_errno(err, "make an event descriptor");
    rc = server_open(&options, &server, err);
    if (!rc)
        rc = serve_access_check(&access, server, options.tls_cert != NULL, err);
    if (rc)
        return rc;
    if (options.tls_cert)
        serve_tls_watch(&tls, server, &service);
    rc = serve_service_begin(&service, server, stop, err);
    if (!rc && source.registry)
        rc = serve_registry_begin(source.registry, server_port(server),
                                  !access.login && !server_is_local(server),
                                  serve_service_lock(&service), err);
    if (rc)
        return rc;
    if (source.registry)
        serve_service_hand_over(&service, serve_registry_lock(source.registry));
    source.site->secure = options.tls_cert != NULL;
    rc = begin(&source, server, err);
    if (rc)
        return rc;
    announce(what, &options, server);
    serve_service_ready(&service);
    rc = server_run(server, stop, err);
    if (!rc)
        log_info("stopped", NULL);
    return rc;
}

/* Facts that are kept from request to request. */
struct kept {
    struct digest_cache *cache;
    struct serve_listing listing;
    struct site site;
};

static void kept_release(struct kept *kept)
{
    digest_cache_free(kept->cache);
    serve_listing_release(&kept->listing);
}

static int serve_dir(const struct serve_args *args, const char *dir, struct kept *kept,
                     struct err *err)
{
    AUTO_CLOSE int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "open %s", dir);
    struct serve_folder folder = {{fd, args->follow}, .listing = &kept->listing};
    struct source source = {.resolve = serve_folder_resolve, .arg = &folder, .site = &kept->site};
    return serve_with(args, dir, source, err);
}

static int serve_one(const struct serve_args *args, const char *path, long long size,
                     struct kept *kept, struct err *err)
{
    struct serve_one one = {path, &kept->site, kept->cache};
    struct source source = {.resolve = serve_one_resolve, .arg = &one, .site = &kept->site};
    size_limit_warn(path, size);
    return serve_with(args, path, source, err);
}

static int serve_image(const struct serve_args *args, const char *text, struct kept *kept,
                       struct err *err)
{
    AUTO(store_close_at) struct store *store = NULL;
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    AUTO(ref_release) struct ref ref = {0};
    int rc = settings_store(args->store, &store, err);
    if (!rc)
        rc = settings_image(store, text, &ref, &image, err);
    if (rc)
        return err_wrap(err, "serve");
    struct serve_store source = {
        .store = store, .ref = &ref, .site = &kept->site, .cache = kept->cache};
    size_limit_warn(ref.full, image.layer.size);
    return serve_with(
        args, ref.full,
        (struct source){.resolve = serve_store_resolve, .arg = &source, .site = &kept->site}, err);
}

static int serve_all(const struct serve_args *args, struct kept *kept, struct err *err)
{
    AUTO(store_close_at) struct store *store = NULL;
    int rc = settings_store(args->store, &store, err);
    if (rc)
        return rc;
    AUTO(serve_registry_close_at) struct serve_registry *registry = NULL;
    rc = serve_registry_open(&args->registry, store, args->store, kept->cache, &registry, err);
    if (rc)
        return rc;
    AUTO(live_close_at) struct live *live = live_open(store, &kept->site);
    struct serve_store source = {
        .store = store, .site = &kept->site, .cache = kept->cache, .live = live};
    kept->site.registry = registry != NULL;
    return serve_with(
        args, store_dir(store),
        (struct source){serve_store_resolve, &source, &kept->site, {.live = live}, registry}, err);
}

static int serve(const struct cli *cli, void *opaque, struct err *err)
{
    const struct serve_args *args = opaque;
    AUTO(kept_release) struct kept kept = {.cache = digest_cache_new()};
    struct stat info;
    serve_listing_init(&kept.listing);
    stderr_set_patience(LOG_PATIENCE_MS);
    signal(SIGXFSZ, SIG_IGN); /* a file that would exceed `ulimit -f` is an error as any other */
    if (cli->arg_count == 0)
        return serve_all(args, &kept, err);
    if (args->registry.proxy.upstream)
        return err_set(err, ERR_USAGE, "--proxy serves the store: name nothing else to serve");
    const char *what = cli->args[0];
    bool there = stat(what, &info) == 0;
    if (there && S_ISDIR(info.st_mode))
        return serve_dir(args, what, &kept, err);
    if (there && S_ISREG(info.st_mode))
        return serve_one(args, what, info.st_size, &kept, err);
    return serve_image(args, what, &kept, err);
}

_Static_assert(SERVER_PER_ADDRESS == 2048, "the help says so");

static const struct option options[] = {
    OPT_NUMBER(struct serve_args, port, 'p', "port", "PORT", 0, 65535, 8080, "listen on PORT",
               .zero = "any free one"),
    OPT_TEXT(struct serve_args, bind, 0, "bind", "ADDRESS", COMPLETE_NONE, "listen on ADDRESS only",
             .otherwise = "all addresses"),
    SERVE_ACCESS_OPTIONS(struct serve_args, access),
    OPT_FLAG(struct serve_args, cors, 0, "cors", "let pages of other origins read the files"),
    OPT_FLAG(struct serve_args, follow, 0, "follow",
             "of a folder, also serve links that lead out of it"),
    OPT_NUMBER(struct serve_args, max_connections, 0, "max-connections", "N", 1, 100000,
               SERVER_CONNECTIONS, "keep at most N connections at a time"),
    OPT_NUMBER(struct serve_args, max_per_address, 0, "max-per-address", "N", 0, 100000, 0,
               "keep at most N connections of one address",
               .zero = "2048, and any number from this machine"),
    OPT_FLAG(struct serve_args, quiet, 'q', "quiet", "write no access log"),
    SERVE_REGISTRY_OPTIONS(struct serve_args, registry),
    OPT_TEXT(struct serve_args, tls.cert, 0, "tls-cert", "FILE", COMPLETE_FILE,
             "serve over TLS with this certificate (PEM)", .otherwise = "plain HTTP"),
    OPT_TEXT(struct serve_args, tls.key, 0, "tls-key", "FILE", COMPLETE_FILE,
             "the certificate's private key (PEM)", .otherwise = "in the same file"),
    STORE_OPTION(struct serve_args, store),
    OPT_END,
};

extern const struct command serve_command;
const struct command serve_command = {
    .name = "serve",
    .summary = "serve a folder, a file, an image or the whole store over HTTP",
    .details = "The argument is the path of a folder or a file. When no such path exists, the\n"
               "argument is the reference of an image in the store. A single file has two paths,\n"
               "its own name and /filter.wasm. In a folder, names that begin with a dot are\n"
               "hidden, except /.well-known. Without an argument the whole store is served, as\n"
               "  /<md5>/filter.wasm, /<name>:<tag>, /<sha256 of the wasm, hex>,\n"
               "  /plugins/<name>/<tag>/plugin.wasm. A browser finds pages at / and /<md5>/.",
    .example = "wasme serve harbor.example/base/filter:v1",
    .positionals = POSITIONALS({.name = "DIR|FILE|REF",
                                .help = "a folder, a file, or an image of the local store",
                                .otherwise = "the whole store",
                                .optional = true,
                                .complete = COMPLETE_REF_OR_DIR}),
    .options = options,
    .args_size = sizeof(struct serve_args),
    .run = serve,
};
