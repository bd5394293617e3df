/* Any bytes as a layer: gateways find a module in it or a reason; the module that is written is the
 * one that is told. The first byte chooses between a gzip stream and a tar in stored blocks. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "image/gateway_tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STORED_MAX = 0xffff };

static void refill(int fd, const void *data, size_t len, off_t at)
{
    if (pwrite(fd, data, len, at) != (ssize_t)len)
        abort();
}

/* Writes the bytes as one stored block, or as they are. */
static void make_layer(int fd, const uint8_t *data, size_t size, bool stored)
{
    static const uint8_t head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff};
    if (ftruncate(fd, 0) != 0)
        abort();
    if (!stored) {
        refill(fd, data, size, 0);
        return;
    }
    size_t len = size < STORED_MAX ? size : STORED_MAX;
    const uint8_t block[] = {1, (uint8_t)len, (uint8_t)(len >> 8), (uint8_t)~len,
                             (uint8_t)(~len >> 8)};
    refill(fd, head, sizeof(head), 0);
    refill(fd, block, sizeof(block), sizeof(head));
    refill(fd, data, len, sizeof(head) + sizeof(block));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int layer = -1, wasm = -1;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(gateway_found_release) struct gateway_found found = {0};
    if (layer < 0) {
        layer = memfd_create("layer", MFD_CLOEXEC);
        wasm = memfd_create("wasm", MFD_CLOEXEC);
    }
    if (!size)
        return 0;
    make_layer(layer, data + 1, size - 1, data[0] & 1);
    if (ftruncate(wasm, 0) != 0 || lseek(wasm, 0, SEEK_SET) != 0)
        abort();
    int rc = gateway_tar_find(layer, "layer", wasm, &found, &err);
    if ((rc != 0) != (err.code != 0) || (rc && found.fault))
        abort();
    if (rc || found.fault)
        return 0;
    struct digest digest;
    long long written = 0;
    if (digest_of_fd(wasm, &digest, &written, &err) != 0 || written != found.size ||
        !digest_equal(&digest, &found.digest) || !found.name || !found.settles)
        abort();
    return 0;
}
