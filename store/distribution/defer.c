#include "store/distribution/defer.h"

#include <stdlib.h>

#include "base/mem.h"

/* A call whose reply a thread of the server makes. */
struct deferred {
    struct dist_call call; /* request and reply are those of the thread */
    int (*run)(struct dist_call *call, void *arg, struct err *err);
    void (*release)(void *arg);
    void *arg;
};

int dist_fail(struct dist_call *call, struct err *err)
{
    const struct server_request *request = call->request;
    notice_say(call->registry->options.notice, NOTICE_WARNING, "%s %s: %s", request->method,
               request->target, err_text(err));
    if (err->code == ERR_FULL)
        dist_error(call->reply, 507, "UNKNOWN", "the disk of the registry is full");
    else
        dist_error(call->reply, 500, "UNKNOWN", "the server failed: its log says why");
    err_release(err);
    return 0;
}

static int run(void *arg, const struct server_request *request, struct server_reply *reply,
               struct err *err)
{
    struct deferred *deferred = arg;
    struct dist_call *call = &deferred->call;
    call->request = request;
    call->reply = reply;
    if (deferred->run(call, deferred->arg, err) >= 0)
        return 0;
    return dist_fail(call, err);
}

static void release(void *arg)
{
    struct deferred *deferred = arg;
    if (deferred->release)
        deferred->release(deferred->arg);
    free(deferred);
}

int dist_defer(const struct dist_call *call,
               int (*work)(struct dist_call *call, void *arg, struct err *err),
               void (*free_arg)(void *arg), void *arg)
{
    struct deferred *deferred = mem_zero(1, sizeof(*deferred));
    *deferred = (struct deferred){*call, work, free_arg, arg};
    call->reply->job = (struct server_job){.run = run, .free = release, .arg = deferred};
    return 0;
}
