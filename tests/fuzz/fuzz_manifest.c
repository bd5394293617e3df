/* Manifests and their descriptors, the form of the image, and the verdicts of gateways. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "image/form.h"
#include "image/gateway.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void find_form(const struct manifest *manifest)
{
    AUTO(err_release) struct err err = ERR_INIT;
    struct form_found found = {0};
    int rc = form_find(manifest, &found, &err);
    if ((rc != 0) != (err.code != 0))
        abort();
    if (rc)
        return;
    size_t last = manifest->layer_count;
    do {
        if (found.layer >= last)
            abort();
        last = found.layer;
    } while (form_go_lower(manifest, &found));
}

static void check_gateways(const struct manifest *manifest)
{
    const struct gateway_image image = {
        .ref = "a/b", .manifest = manifest, .digest = &manifest->config.digest};
    for (int i = 0; i < GATEWAY_COUNT; i++) {
        AUTO(gateway_verdict_release) struct gateway_verdict verdict = {0};
        if (gateway_check((enum gateway)i, &image, &verdict, ERR_IGNORED) != 0 || !verdict.because)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(manifest_release) struct manifest manifest = {0};
    if (manifest_parse((const char *)data, size, &manifest, &err) != 0)
        return 0;
    manifest_wasm_layer(&manifest);
    find_form(&manifest);
    check_gateways(&manifest);
    return 0;
}
