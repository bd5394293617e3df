/* Layers: for any bytes, the output stays within the limit and matches the digest. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "image/unwrap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 64 * 1024 };

static void unwrap(int layer, int to, enum wrapping declared)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(unwrapped_release) struct unwrapped got = {0};
    if (ftruncate(to, 0) != 0 || lseek(to, 0, SEEK_SET) != 0)
        abort();
    const struct unwrap_request request = {
        .layer = layer, .shown = "layer", .declared = declared, .wasm = to, .max = LIMIT};
    int rc = unwrap_wasm(&request, &got, &err);
    if ((rc != 0) != (err.code != 0) || lseek(to, 0, SEEK_END) > LIMIT)
        abort();
    if (rc)
        return;
    struct digest digest;
    long long size = 0;
    if (digest_of_fd(to, &digest, &size, ERR_IGNORED) != 0 || size != got.size ||
        !digest_equal(&digest, &got.digest) || got.runtime_config.len > RUNTIME_CONFIG_MAX)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int layer = -1, to = -1;
    if (layer < 0) {
        layer = memfd_create("layer", MFD_CLOEXEC);
        to = memfd_create("wasm", MFD_CLOEXEC);
    }
    if (ftruncate(layer, 0) != 0 || pwrite(layer, data, size, 0) != (ssize_t)size)
        abort();
    unwrap(layer, to, WRAP_RAW);
    unwrap(layer, to, WRAP_TAR_GZIP);
    return 0;
}
