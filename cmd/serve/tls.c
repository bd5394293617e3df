#include "cmd/serve/tls.h"

#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/secret.h"

int serve_tls_use(const struct serve_tls_args *args, struct server_options *options,
                  struct err *err)
{
    if (args->key && !args->cert)
        return err_set(err, ERR_USAGE, "--tls-key: give the certificate with --tls-cert");
    if (!args->cert)
        return 0;
    secret_guard();
    options->tls_cert = args->cert;
    options->tls_key = args->key;
    return 0;
}

static void reload(void *arg)
{
    const struct serve_tls *tls = arg;
    AUTO(err_release) struct err err = ERR_INIT;
    if (server_reload(tls->server, &err))
        log_warningf("the certificate stays as it was: %s", err_text(&err));
    else
        log_info("the certificate was read again", NULL);
}

void serve_tls_watch(struct serve_tls *tls, struct server *server, struct serve_service *service)
{
    *tls = (struct serve_tls){server};
    serve_service_on_reload(service, reload, tls);
}
