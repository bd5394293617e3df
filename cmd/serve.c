/* wasme serve: files of a folder, an image or the whole store over HTTP. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/interrupt.h"
#include "cmd/log.h"
#include "cmd/serve_source.h"
#include "cmd/settings.h"

enum { DEFAULT_PORT = 8080 };

struct serve_args {
    int port;
    const char *bind;
    bool cors;
    bool quiet;
    const char *store;
};

static void log_request(void *arg, const struct server_log *entry)
{
    (void)arg;
    AUTO_FREE char *what = mem_printf("%s %s %d", entry->method, entry->target, entry->status);
    AUTO_FREE char *bytes = mem_printf("%lld", entry->bytes);
    AUTO_FREE char *ms = mem_printf("%" PRId64, entry->ms);
    log_info(what, "agent", entry->agent, "bytes", bytes, "ms", ms, "peer", entry->peer, NULL);
}

static void log_failure(void *arg, const char *what)
{
    (void)arg;
    log_warning(what, NULL);
}

static void print_address(const char *host, int port)
{
    bool bare_ipv6 = strchr(host, ':') != NULL;
    printf("  http://%s%s%s:%d\n", bare_ipv6 ? "[" : "", host, bare_ipv6 ? "]" : "", port);
}

static void print_interfaces(int port)
{
    struct ifaddrs *list = NULL;
    if (getifaddrs(&list) != 0) {
        print_address("127.0.0.1", port);
        return;
    }
    for (const struct ifaddrs *at = list; at; at = at->ifa_next) {
        char host[INET_ADDRSTRLEN];
        if (!at->ifa_addr || at->ifa_addr->sa_family != AF_INET || !(at->ifa_flags & IFF_UP))
            continue;
        const struct sockaddr_in *address = (const void *)at->ifa_addr;
        if (inet_ntop(AF_INET, &address->sin_addr, host, sizeof(host)))
            print_address(host, port);
    }
    freeifaddrs(list);
}

static void announce(const char *what, const struct serve_args *args, int port)
{
    printf("Starting up wasme, serving %s\nCORS: %s\nAvailable on:\n", what,
           args->cors ? "enabled" : "disabled");
    if (args->bind)
        print_address(args->bind, port);
    else
        print_interfaces(port);
    puts("Hit CTRL-C to stop the server");
    fflush(stdout);
}

/* `resolve` and `source` say where the files come from. */
static int serve_with(const struct serve_args *args, const char *what,
                      int (*resolve)(void *, const char *, struct server_resource *, struct err *),
                      void *source, struct err *err)
{
    AUTO(server_close_at) struct server *server = NULL;
    struct server_options options;
    server_options_init(&options);
    options.bind = args->bind;
    options.port = args->port;
    options.cors = args->cors;
    options.resolve = resolve;
    options.log = args->quiet ? NULL : log_request;
    options.failed = log_failure;
    options.arg = source;
    options.drain_ms = 0; /* downloads are finished; who will not wait sends a second signal */
    int stop = interrupt_fd();
    if (stop < 0)
        return err_errno(err, "make an event descriptor");
    int rc = server_open(&options, &server, err);
    if (rc)
        return rc;
    announce(what, args, server_port(server));
    rc = server_run(server, stop, err);
    if (!rc)
        log_info("stopped", NULL);
    return rc;
}

static int serve_dir(const struct serve_args *args, const char *dir, struct digest_cache *cache,
                     struct err *err)
{
    AUTO_CLOSE int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "open %s", dir);
    struct serve_folder folder = {fd, cache};
    return serve_with(args, dir, serve_folder_resolve, &folder, err);
}

static int serve_image(const struct serve_args *args, const char *text, struct digest_cache *cache,
                       struct err *err)
{
    AUTO(store_close_at) struct store *store = NULL;
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    AUTO(ref_release) struct ref ref = {0};
    int rc = settings_ref(text, &ref, err);
    if (!rc)
        rc = settings_store(args->store, &store, err);
    if (!rc)
        rc = store_get(store, &ref, &image, err);
    if (rc)
        return err_wrap(err, "serve");
    AUTO(serve_store_release)
    struct serve_store source = {.store = store, .ref = &ref, .cache = cache};
    return serve_with(args, ref.full, serve_store_resolve, &source, err);
}

static int serve_all(const struct serve_args *args, struct digest_cache *cache, struct err *err)
{
    AUTO(store_close_at) struct store *store = NULL;
    int rc = settings_store(args->store, &store, err);
    if (rc)
        return rc;
    AUTO(serve_store_release) struct serve_store source = {.store = store, .cache = cache};
    return serve_with(args, store_dir(store), serve_store_resolve, &source, err);
}

static bool is_folder(const char *text)
{
    struct stat info;
    return stat(text, &info) == 0 && S_ISDIR(info.st_mode);
}

static int serve(const struct cli *cli, void *opaque, struct err *err)
{
    const struct serve_args *args = opaque;
    struct digest_cache *cache = digest_cache_new();
    int rc;
    if (cli->arg_count == 0)
        rc = serve_all(args, cache, err);
    else if (is_folder(cli->args[0]))
        rc = serve_dir(args, cli->args[0], cache, err);
    else
        rc = serve_image(args, cli->args[0], cache, err);
    digest_cache_free(cache);
    return rc;
}

static void defaults(void *opaque)
{
    ((struct serve_args *)opaque)->port = DEFAULT_PORT;
}

static const struct option options[] = {
    OPT_NUMBER(struct serve_args, port, 'p', "port", "PORT", 0, 65535,
               "listen on PORT (default 8080; 0: any free one)"),
    OPT_TEXT(struct serve_args, bind, 0, "bind", "ADDRESS", COMPLETE_NONE,
             "listen on ADDRESS only, not on all"),
    OPT_FLAG(struct serve_args, cors, 0, "cors", "let pages of other origins read the files"),
    OPT_FLAG(struct serve_args, quiet, 'q', "quiet", "write no access log"),
    STORE_OPTION(struct serve_args, store),
    OPT_END,
};

extern const struct command serve_command;
const struct command serve_command = {
    .name = "serve",
    .synopsis = "[DIR|REF]",
    .summary = "serve a folder, an image or the whole store over HTTP",
    .details = "A folder of that name is meant before an image. The store is served as\n"
               "  /<md5>/filter.wasm, /<name>:<tag>, /<sha256 of the wasm, hex>",
    .example = "wasme serve harbor.example/base/filter:v1",
    .max_args = 1,
    .args_complete = COMPLETE_REF_OR_DIR,
    .options = options,
    .args_size = sizeof(struct serve_args),
    .defaults = defaults,
    .run = serve,
};
