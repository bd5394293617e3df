#include "registry/login.h"

#include "base/mem.h"
#include "registry/calls.h"
#include "registry/client.h"

int login_greet(struct registry *registry, struct call *call, struct err *err)
{
    struct transport *transport = &registry->transport;
    call->method = "GET";
    call->what = call->path = "/v2/";
    call->tolerant = true;
    int rc = calls_run(transport, call, 1, err);
    if (rc || !call->scope || !response_is_success(&call->response) ||
        !auth_take_offer(registry->auth, call))
        return rc;
    call->state = CALL_WAITING;
    return calls_run(transport, call, 1, err);
}

static int greet(struct registry *registry, struct host *host, struct err *err)
{
    struct call call AUTO(call_release) = {.host = host, .scope = ""}; /* a login, and no access */
    int rc = login_greet(registry, &call, err);
    if (rc || response_is_success(&call.response))
        return rc;
    int status = call.response.status;
    rc = response_refusal(&call.response, err);
    if (rc == ERR_NOT_FOUND)
        return err_set(err, rc,
                       "no registry answers there (GET /v2/ is %d): check the name and the port",
                       status);
    return err_wrap(err, "GET /v2/");
}

int registry_login(struct registry *registry, const char *server, bool *asked, struct err *err)
{
    struct host *host = transport_host(&registry->transport, server);
    int rc = greet(registry, host, err);
    if (rc)
        return err_wrap(err, "log in to %s", server);
    *asked = auth_was_asked(registry->auth, host);
    return 0;
}

int registry_prove(struct registry *registry, struct host *host, struct err *err)
{
    bool known = false;
    struct call call AUTO(call_release) = {.host = host, .scope = ""};
    int rc = auth_find_credential(registry->auth, host, &known, err);
    return rc || !known ? rc : login_greet(registry, &call, err);
}
