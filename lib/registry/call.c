#include "registry/call.h"

#include <stdlib.h>

#include "base/mem.h"
#include "credential/credential.h"
#include "registry/redact.h"

void call_release(struct call *call)
{
    mem_free_at(&call->url);
    mem_free_at(&call->elsewhere);
    credential_wipe(&call->authority);
    err_release(&call->err);
    response_release(&call->response);
}

void call_hide(const struct call *call, struct err *err)
{
    size_t len = err->message ? strlen(err->message) : 0;
    for (size_t i = 0; call->sent_headers[i]; i++)
        redact_sent(err->message, len, call->sent_headers[i]);
    redact_secret(err->message, len, call->secret);
}
