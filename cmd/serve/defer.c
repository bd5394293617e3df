#include "cmd/serve/defer.h"

int defer(struct server_reply *reply,
          int (*run)(void *arg, const struct server_request *request, struct server_reply *reply,
                     struct err *err),
          void (*drop)(void *arg), void *arg)
{
    reply->job = (struct server_job){.run = run, .free = drop, .arg = arg};
    return 0;
}
