/* Manifests, and through them descriptors. */
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "image/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(manifest_release) struct manifest manifest = {0};
    if (manifest_parse((const char *)data, size, &manifest, &err) == 0)
        manifest_wasm_layer(&manifest);
    return 0;
}
