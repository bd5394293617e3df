#include "cmd/serve/defer.h"

int defer(const struct server_request *request, struct server_reply *reply,
          int (*run)(void *arg, const struct server_request *request, struct server_reply *reply,
                     struct err *err),
          void (*drop)(void *arg), void *arg, struct err *err)
{
    int rc = run(arg, request, reply, err);
    drop(arg);
    return rc;
}
