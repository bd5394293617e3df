#include "cmd/serve/proxy.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/settings.h"

/* A client waits for the answer, so the upstream is not waited for as long as by a pull. */
enum { RETRIES = 1, STALL_SECONDS = 20 };

struct serve_proxy {
    struct transfer_args args;
    struct transfer transfer; /* its options alone */
    struct dist_upstream upstream;
    char *host;
    char *prefix;
};

void serve_proxy_close(struct serve_proxy *proxy)
{
    if (!proxy)
        return;
    transfer_end(&proxy->transfer);
    free(proxy->host);
    free(proxy->prefix);
    free(proxy);
}

static void close_at(struct serve_proxy **proxy)
{
    serve_proxy_close(*proxy);
}

static int read_upstream(const char *text, struct serve_proxy *proxy, struct err *err)
{
    size_t len = strcspn(text, "/");
    AUTO_FREE char *host = mem_dup_n(text, len);
    int rc =
        ref_holds_login(text)
            ? err_set(err, ERR_USAGE, "--proxy: the address has a login in it: use `wasme login`")
            : settings_registry(host, &proxy->host, err);
    if (rc)
        return err_wrap(err, "--proxy");
    text += len;
    text += *text == '/';
    len = strlen(text);
    proxy->prefix = mem_dup_n(text, len - (len && text[len - 1] == '/'));
    if (*proxy->prefix && !ref_repository_valid(proxy->prefix))
        return err_set(err, ERR_USAGE, "--proxy: \"%s\" is no beginning of a repository's name",
                       proxy->prefix);
    return 0;
}

int serve_proxy_open(const struct serve_proxy_args *args, struct serve_proxy **out, struct err *err)
{
    if (!args->upstream)
        return 0;
    AUTO(close_at) struct serve_proxy *proxy = mem_zero(1, sizeof(*proxy));
    proxy->args = args->transfer;
    proxy->args.retries = RETRIES;
    proxy->args.stall_timeout = STALL_SECONDS;
    int rc = read_upstream(args->upstream, proxy, err);
    if (!rc)
        rc = transfer_prepare(&proxy->transfer, &proxy->args, err);
    if (rc)
        return rc;
    /* A first signal lets running requests finish, and with them what they fetch. */
    struct registry_options *options = &proxy->transfer.options;
    options->interrupted = options->login.interrupted = NULL;
    options->progress = NULL;
    proxy->upstream = (struct dist_upstream){
        .host = proxy->host,
        .prefix = proxy->prefix,
        .registry = options,
        .fresh_seconds = args->fresh,
    };
    *out = STEAL(proxy);
    return 0;
}

const struct dist_upstream *serve_proxy_upstream(const struct serve_proxy *proxy)
{
    return proxy ? &proxy->upstream : NULL;
}
