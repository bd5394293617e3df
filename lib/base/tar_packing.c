/* The part of base/tar.h that needs no libarchive: telling a compression, and where pieces go. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/tar.h"

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
    /* Each from the format's own specification. */
    static const struct {
        const char *magic;
        size_t len;
        const char *name;
    } known[] = {
        {"\xfd"
         "7zXZ",
         6, "xz"}, /* with the zero behind it */
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

static int write_piece(void *arg, const void *data, size_t len, struct err *err)
{
    return file_write_all(*(int *)arg, data, len, "the copy", err);
}

int tar_copy(struct tar_reader *reader, int to, long long max, struct err *err)
{
    return tar_each_piece(reader, max, write_piece, &to, err);
}

static int add_piece(void *arg, const void *data, size_t len, struct err *err)
{
    (void)err;
    buf_add(arg, data, len);
    return 0;
}

int tar_read(struct tar_reader *reader, struct buf *out, struct err *err)
{
    return tar_each_piece(reader, (long long)(out->max - out->len), add_piece, out, err);
}
