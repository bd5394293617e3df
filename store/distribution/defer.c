#include "store/distribution/defer.h"

#include "base/mem.h"

static int run_now(const struct dist_call *call,
                   int (*run)(struct dist_call *call, void *arg, struct err *err), void *arg)
{
    AUTO(err_release) struct err err = ERR_INIT;
    struct dist_call copy = *call;
    if (run(&copy, arg, &err) >= 0)
        return 0;
    notice_say(call->registry->options.notice, NOTICE_WARNING, "%s %s: %s", call->request->method,
               call->request->target, err_text(&err));
    dist_error(call->reply, 500, "UNKNOWN", "the server failed: its log says why");
    return 0;
}

int dist_defer(const struct dist_call *call,
               int (*run)(struct dist_call *call, void *arg, struct err *err),
               void (*release)(void *arg), void *arg)
{
    int rc = run_now(call, run, arg);
    if (release)
        release(arg);
    return rc;
}
