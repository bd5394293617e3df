/* Any bytes as an archive: what comes out of it, and how many entries, stay within what the header
 * says for its size and for the caller's limit, whether the entries are read or passed over. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 1024 * 1024, PIECE = 64 * 1024, HEADER = 512 };

struct count {
    long long bytes, entries;
};

static int add(void *arg, const void *data, size_t len, struct err *err)
{
    struct count *count = arg;
    (void)data;
    (void)err;
    if (len == 0 || len > PIECE)
        abort();
    count->bytes += (long long)len;
    return 0;
}

/* The reader looks at its limits after each piece; a decompressor's own block may be on its way. */
static void check_cost(const struct tar_reader *reader, const struct count *count, size_t size)
{
    long long own = TAR_FREE + (long long)size * TAR_RATIO_MAX;
    long long most = (own < LIMIT ? own : LIMIT) + 8LL * PIECE;
    if (count->bytes > most || tar_position(reader) > most + LIMIT ||
        count->entries > tar_position(reader) / HEADER || count->entries > TAR_ENTRIES_MAX)
        abort();
}

static void read_all(int fd, size_t size, bool is_stream, bool look)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(tar_close_at) struct tar_reader *reader = NULL;
    struct count count = {0};
    struct tar_entry entry;
    bool more = true;
    int rc = (is_stream ? tar_open_stream : tar_open)(fd, "archive", LIMIT, &reader, &err);
    while (!rc && more) {
        rc = tar_next(reader, &entry, &more, &err);
        if (rc || !more)
            break;
        count.entries += !is_stream;
        if (!entry.name || (entry.is_regular && entry.link) || (!entry.is_regular && entry.size))
            abort();
        if (look)
            rc = tar_each_piece(reader, LIMIT, add, &count, &err);
        check_cost(reader, &count, size);
    }
    if ((rc != 0) != (err.code != 0))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    if (fd < 0)
        fd = memfd_create("archive", MFD_CLOEXEC);
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    read_all(fd, size, false, true);
    read_all(fd, size, false, false);
    read_all(fd, size, true, true);
    return 0;
}
