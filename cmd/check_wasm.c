#include "cmd/check_wasm.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "image/form.h"
#include "image/unwrap.h"

void wasm_release(struct wasm *wasm)
{
    free(wasm->nothing);
    err_release(&wasm->fault);
    mem_close_at(&wasm->fd);
    module_release(&wasm->module);
    validation_release(&wasm->validation);
    buf_release(&wasm->runtime);
    *wasm = (struct wasm)WASM_INIT;
}

bool wasm_is_module(const struct wasm *wasm)
{
    return wasm->fd >= 0 && !wasm->fault.code;
}

static bool begins_as_core(int fd)
{
    static const uint8_t preamble[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    uint8_t found[sizeof(preamble)];
    return pread(fd, found, sizeof(found), 0) == (ssize_t)sizeof(found) &&
           memcmp(found, preamble, sizeof(found)) == 0;
}

/* Takes the descriptor over, and reads the module behind it. */
static int take(struct wasm *out, int *fd, const char *shown, struct err *err)
{
    out->done = true;
    out->fd = STEAL_FD(*fd);
    out->core = begins_as_core(out->fd);
    int rc = module_read(out->fd, shown, &out->module, &out->fault);
    return rc && rc != ERR_DAMAGED ? err_move(err, &out->fault) : 0;
}

/* --- As a pull takes it --- */

static void find_nothing(const struct err *reason, struct wasm *out)
{
    out->nothing = mem_printf("no wasm in it that could be taken: %s", err_text(reason));
}

static int look_into(struct subject *subject, const struct form_found *found,
                     struct whiteouts *deleted, struct wasm *out, struct err *err)
{
    AUTO_CLOSE int layer = -1;
    AUTO_CLOSE int file = -1;
    AUTO(unwrapped_release) struct unwrapped got = {0};
    AUTO_FREE char *shown = mem_printf("layer %zu", found->layer + 1);
    int rc = subject_open_layer(subject, &subject->manifest.layers[found->layer], &layer, err);
    if (!rc)
        rc = subject_scratch(&file, err);
    const struct unwrap_request request = {
        .layer = layer,
        .shown = shown,
        .declared = found->wrapping,
        .wasm = file,
        .max = GATEWAY_READ_MAX,
        .by_rule = found->before_wasm,
        .deleted = deleted,
    };
    if (!rc)
        rc = unwrap_wasm(&request, &got, err);
    if (rc)
        return rc;
    if (got.has_runtime)
        buf_add(&out->runtime, got.runtime_config.data, got.runtime_config.len);
    return take(out, &file, "the wasm", err);
}

int wasm_of_pull(struct subject *subject, struct wasm *out, struct err *err)
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

/* --- As a gateway takes it --- */

int wasm_of_gateway(const struct gateway_image *image, const struct gateway_verdict *verdict,
                    struct wasm *out, struct err *err)
{
    if (out->done && out->layer == verdict->layer)
        return 0;
    wasm_release(out);
    AUTO_CLOSE int file = -1;
    AUTO(gateway_module_release) struct gateway_module module = {0};
    int rc = subject_scratch(&file, err);
    if (!rc)
        rc = gateway_take(image, verdict, file, &module, err);
    out->layer = verdict->layer;
    return rc ? rc : take(out, &file, module.place, err);
}

/* --- A file --- */

int wasm_of_file(const struct subject *subject, struct wasm *out, struct err *err)
{
    if (out->done)
        return 0;
    AUTO_CLOSE int fd = fcntl(subject->file, F_DUPFD_CLOEXEC, 0);
    return fd < 0 ? err_errno(err, "%s", subject->text) : take(out, &fd, subject->text, err);
}

int wasm_validate(struct wasm *wasm, const struct validation **out, struct err *err)
{
    int rc = wasm->validated ? 0 : module_validate(wasm->fd, &wasm->module, &wasm->validation, err);
    wasm->validated = !rc;
    *out = &wasm->validation;
    return rc;
}
