#include "base/tar_packing.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

enum tar_packing tar_packing_of(const void *data, size_t len)
{
    if (len >= 2 && memcmp(data, "\x1f\x8b", 2) == 0)
        return TAR_GZIP;
    return len >= 4 && memcmp(data, "\x28\xb5\x2f\xfd", 4) == 0 ? TAR_ZSTD : TAR_PLAIN;
}

int tar_look(int fd, const char *shown, enum tar_packing *out, struct err *err)
{
    unsigned char head[4] = {0};
    ssize_t got = 0;
    do
        got = pread(fd, head, sizeof(head), 0);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return err_errno(err, "read %s", shown);
    *out = tar_packing_of(head, (size_t)got);
    return 0;
}

const char *tar_unread_format(const void *data, size_t len)
{
    /* Each from the format's own specification. xz has a zero byte as its sixth. */
    static const struct {
        const char *magic;
        size_t len;
        const char *name;
    } known[] = {
        {"\xfd\x37zXZ", 6, "xz"},
        {"BZh", 3, "bzip2"},
        {"PK\3\4", 4, "zip"},
        {"PK\5\6", 4, "zip"}, /* without files */
        {"7z\xbc\xaf\x27\x1c", 6, "7z"},
        {"\x04\x22\x4d\x18", 4, "lz4"},
        {"LZIP", 4, "lzip"},
        {"\x1f\x9d", 2, "compress"},
        {"Rar!\x1a\x07", 6, "rar"},
    };
    for (size_t i = 0; i < COUNT(known); i++)
        if (len >= known[i].len && memcmp(data, known[i].magic, known[i].len) == 0)
            return known[i].name;
    return NULL;
}
