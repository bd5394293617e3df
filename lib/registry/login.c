#include "registry/login.h"

#include "base/mem.h"
#include "registry/client.h"

int registry_login(struct registry *registry, const char *server, bool *asked, struct err *err)
{
    struct host *host = transport_host(&registry->transport, server);
    struct call call AUTO(call_release) = {
        .method = "GET",
        .what = "/v2/",
        .host = host,
        .path = "/v2/",
        .scope = "", /* a login, and no access */
        .tolerant = true,
    };
    int rc = transport_run(&registry->transport, &call, 1, err);
    if (rc)
        return err_wrap(err, "log in to %s", server);
    int status = call.response.status;
    if (status < 200 || status > 299) {
        rc = response_refusal(&call.response, err);
        (void)err_wrap(err, "log in to %s: GET /v2/", server);
        return rc == ERR_NOT_FOUND ? err_set(err, rc,
                                             "log in to %s: no registry answers there (GET /v2/ "
                                             "is %d): check the name and the port",
                                             server, status)
                                   : rc;
    }
    *asked = auth_was_asked(registry->auth, host);
    return 0;
}
