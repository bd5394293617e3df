#include "cmd/check_pull.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/form.h"
#include "image/gateway.h"
#include "image/unwrap.h"
#include "module/module.h"

void pullable_release(struct pullable *pullable)
{
    free(pullable->nothing);
    err_release(&pullable->fault);
    *pullable = (struct pullable){.done = false};
}

static void find_nothing(const struct err *reason, struct pullable *out)
{
    out->nothing = mem_printf("no wasm in it that could be taken: %s", err_text(reason));
}

/* Takes the wasm out of the layer, and looks whether the wasm is a module. */
static int look_into(struct subject *subject, const struct form_found *found,
                     struct whiteouts *deleted, struct pullable *out, struct err *err)
{
    AUTO_CLOSE int layer = -1;
    AUTO_CLOSE int wasm = -1;
    AUTO(unwrapped_release) struct unwrapped got = {0};
    AUTO(module_release) struct module module = {0};
    AUTO_FREE char *shown = mem_printf("layer %zu", found->layer + 1);
    int rc = subject_open_layer(subject, &subject->manifest.layers[found->layer], &layer, err);
    if (!rc)
        rc = subject_scratch(&wasm, err);
    const struct unwrap_request request = {
        .layer = layer,
        .shown = shown,
        .declared = found->wrapping,
        .wasm = wasm,
        .max = GATEWAY_READ_MAX,
        .by_rule = found->before_wasm,
        .deleted = deleted,
    };
    if (!rc)
        rc = unwrap_wasm(&request, &got, err);
    if (rc)
        return rc;
    rc = module_read(wasm, "the wasm", &module, &out->fault);
    return rc && rc != ERR_DAMAGED ? err_move(err, &out->fault) : 0;
}

int pullable_find(struct subject *subject, struct pullable *out, struct err *err)
{
    AUTO(whiteouts_release) struct whiteouts deleted = {0};
    struct form_found found;
    if (out->done)
        return 0;
    out->done = true;
    int rc = form_find(&subject->manifest, &found, err);
    if (rc) {
        find_nothing(err, out);
        err_release(err);
        return 0;
    }
    do {
        err_release(err);
        rc = look_into(subject, &found, &deleted, out, err);
    } while (rc == ERR_NOT_FOUND && form_go_lower(&subject->manifest, &found));
    if (rc == ERR_INTERRUPTED)
        return rc;
    if (rc == ERR_NOT_FOUND || rc == ERR_DAMAGED)
        find_nothing(err, out);
    err_release(err);
    return 0; /* a layer that could not be fetched proves nothing about the image */
}
