/* Any bytes as the archive that load reads: every manifest matches its digest, and no blob is
 * larger than the limit. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "image/manifest.h"
#include "store/transit/archive_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 256 * 1024 };

static int fetch(const struct image_source *source, struct registry_want *want)
{
    AUTO(registry_wants_release) struct registry_wants wants = {0};
    registry_wants_add(&wants, want);
    return source->fetch(source->arg, &wants, ERR_IGNORED);
}

static void get_blob(const struct image_source *source, const struct descriptor *descriptor)
{
    static int fd = -1;
    if (fd < 0)
        fd = memfd_create("blob", MFD_CLOEXEC);
    struct registry_want want = {.blob = descriptor, .fd = fd};
    if (fetch(source, &want) != 0 || (want.rc != 0) != (want.err.code != 0))
        abort();
    if (lseek(fd, 0, SEEK_END) > LIMIT)
        abort();
    err_release(&want.err);
}

static void get_image(const struct image_source *source, const struct descriptor *descriptor)
{
    struct ref ref = {.digest = descriptor->digest};
    struct registry_want want = {.ref = &ref};
    struct digest found;
    AUTO(manifest_release) struct manifest manifest = {0};
    if (fetch(source, &want) != 0 || (want.rc != 0) != (want.err.code != 0))
        abort();
    digest_of(want.manifest.data, want.manifest.len, &found);
    if (!want.rc && !digest_equal(&found, &descriptor->digest))
        abort();
    if (!want.rc &&
        manifest_parse(want.manifest.data, want.manifest.len, &manifest, ERR_IGNORED) == 0) {
        get_blob(source, &manifest.config);
        for (size_t i = 0; i < manifest.layer_count; i++)
            get_blob(source, &manifest.layers[i]);
    }
    err_release(&want.err);
    registry_manifest_release(&want.manifest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    static char path[64];
    if (fd < 0) {
        fd = memfd_create("archive", MFD_CLOEXEC);
        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    }
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(archive_source_release) struct archive_source archive = ARCHIVE_SOURCE_INIT;
    int rc = archive_source_open(path, LIMIT, P_tmpdir, &archive, &err);
    if ((rc != 0) != (err.code != 0))
        abort();
    const struct image_source source = source_from_archive(&archive);
    for (size_t i = 0; !rc && i < archive.index.count; i++) {
        (void)archive_source_beside(&archive, i);
        get_image(&source, &archive.index.children[i].descriptor);
    }
    return 0;
}
