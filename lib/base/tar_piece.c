/* The part of base/tar.h that needs no libarchive: telling a compression, and where pieces go. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/tar.h"

int tar_look(int fd, const char *shown, enum tar_packing *out, struct err *err)
{
    unsigned char head[4] = {0};
    ssize_t got = 0;
    do
        got = pread(fd, head, sizeof(head), 0);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return err_errno(err, "read %s", shown);
    *out = TAR_PLAIN;
    if (head[0] == 0x1f && head[1] == 0x8b)
        *out = TAR_GZIP;
    else if (memcmp(head, "\x28\xb5\x2f\xfd", 4) == 0)
        *out = TAR_ZSTD;
    return 0;
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
