#include "module/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "module/leb.h"
#include "module/module.h"

void reader_init_fd(struct reader *reader, int fd, const char *shown, struct err *err)
{
    *reader = (struct reader){.fd = -1, .ahead = READER_WINDOW, .shown = shown, .err = err};
    struct stat info;
    if (fstat(fd, &info) != 0) {
        reader->rc = err_errno(err, "stat %s", shown);
        return;
    }
    if (!S_ISREG(info.st_mode)) {
        reader->rc = err_set(err, ERR_DAMAGED, "%s: not a regular file", shown);
        return;
    }
    reader->fd = fd;
    reader->size = reader->end = (uint64_t)info.st_size;
}

void reader_release(struct reader *reader)
{
    free(reader->room);
    reader->room = NULL;
    reader->window = NULL;
    reader->window_len = 0;
}

bool reader_failed(const struct reader *reader)
{
    return reader->rc != 0;
}

/* No byte is at hand any more: all that is read from now on goes the slow way, and is zero. */
static void fail(struct reader *reader, int rc)
{
    reader->rc = rc;
    reader->window_len = 0;
}

void reader_fork(struct reader *fork, const struct reader *reader, struct err *err)
{
    *fork = *reader;
    fork->err = err;
    fork->room = NULL;
    fork->room_size = 0;
    if (fork->fd >= 0)
        fork->window_len = 0;
}

void reader_join(struct reader *reader, struct reader *fork)
{
    if (fork->rc && !reader->rc)
        fail(reader, err_move(reader->err, fork->err));
    reader_release(fork);
}

void reader_damaged(struct reader *reader, uint64_t offset, const char *format, ...)
{
    if (reader->rc)
        return;
    va_list args;
    va_start(args, format);
    AUTO_FREE char *text = mem_vprintf(format, args);
    va_end(args);
    fail(reader, err_set(reader->err, ERR_DAMAGED, "%s: %s, at offset %" PRIu64, reader->shown,
                         text, offset));
}

uint64_t reader_left(const struct reader *reader)
{
    return reader->end > reader->at ? reader->end - reader->at : 0;
}

/* Are the next `len` bytes in the window? */
static bool at_hand(const struct reader *reader, size_t len)
{
    return reader->at >= reader->window_at && reader->window_len >= len &&
           reader->at - reader->window_at <= reader->window_len - len;
}

static void make_room(struct reader *reader, size_t len)
{
    size_t size = reader->size < reader->ahead ? (size_t)reader->size : reader->ahead;
    if (size < len)
        size = len;
    if (size <= reader->room_size)
        return;
    free(reader->room);
    reader->room = mem_alloc(size);
    reader->room_size = size;
}

/* Fills the window with bytes from `at` on: at least `least`, which the file has, unless reading
 * fails. */
static void fill(struct reader *reader, size_t least)
{
    make_room(reader, least);
    reader->window = reader->room;
    reader->window_at = reader->at;
    reader->window_len = 0;
    while (reader->window_len < least) {
        ssize_t got =
            pread(reader->fd, reader->room + reader->window_len,
                  reader->room_size - reader->window_len, (off_t)(reader->at + reader->window_len));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(reader, err_errno(reader->err, "read %s", reader->shown));
        if (got == 0)
            return reader_damaged(reader, reader->at + reader->window_len,
                                  "the file became shorter while it was read");
        reader->window_len += (size_t)got;
    }
}

static void ends_too_early(struct reader *reader)
{
    reader_damaged(reader, reader->at, "%s ends too early",
                   reader->end == reader->size ? "the file" : "the section");
}

const uint8_t *reader_view(struct reader *reader, size_t len)
{
    if (!reader->rc && len > reader_left(reader))
        ends_too_early(reader);
    if (!reader->rc && !at_hand(reader, len))
        fill(reader, len);
    return reader->rc ? NULL : reader->window + (reader->at - reader->window_at);
}

uint8_t reader_byte(struct reader *reader)
{
    if (reader->at < reader->end && at_hand(reader, 1))
        return reader->window[reader->at++ - reader->window_at];
    const uint8_t *byte = reader_view(reader, 1);
    if (!byte)
        return 0;
    reader->at++;
    return *byte;
}

uint64_t reader_unsigned(struct reader *reader, int bits)
{
    uint64_t start = reader->at, value = 0;
    enum leb state = LEB_MORE;
    for (int shift = 0; shift < bits && state == LEB_MORE; shift += 7)
        state = leb_unsigned(&value, reader_byte(reader), shift, bits);
    if (state == LEB_DONE)
        return value;
    if (state == LEB_BAD)
        reader_damaged(reader, start, "a number has more than %d bits", bits);
    else
        reader_damaged(reader, start, "a number of %d bits takes too many bytes", bits);
    return 0;
}

int64_t reader_signed(struct reader *reader, int bits)
{
    uint64_t start = reader->at, value = 0;
    enum leb state = LEB_MORE;
    for (int shift = 0; shift < bits && state == LEB_MORE; shift += 7)
        state = leb_signed(&value, reader_byte(reader), shift, bits);
    if (state == LEB_DONE)
        return (int64_t)value;
    reader_damaged(reader, start, "a number has more than %d bits", bits);
    return 0;
}

uint32_t reader_u32(struct reader *reader)
{
    return (uint32_t)reader_unsigned(reader, 32);
}

void reader_skip(struct reader *reader, uint64_t len)
{
    if (len > reader_left(reader))
        ends_too_early(reader);
    else
        reader->at += len;
}

uint32_t reader_count(struct reader *reader, const char *what, unsigned least, uint32_t max)
{
    uint64_t start = reader->at;
    uint32_t count = reader_u32(reader);
    if (count > reader_left(reader) / least)
        reader_damaged(reader, start, "%" PRIu32 " %s do not fit into their section", count, what);
    else if (count > max)
        reader_damaged(reader, start, "%" PRIu32 " %s are more than %" PRIu32, count, what, max);
    return reader->rc ? 0 : count;
}

void reader_expect_end(struct reader *reader, const char *what)
{
    if (reader_left(reader))
        reader_damaged(reader, reader->at, "%" PRIu64 " bytes are left over behind the %s",
                       reader_left(reader), what);
}

static char *name_text(const uint8_t *bytes, size_t len)
{
    struct buf text = BUF_INIT(3 * (size_t)MODULE_MAX_NAME);
    for (size_t i = 0; i < len;) {
        const uint8_t *nul = memchr(bytes + i, 0, len - i);
        size_t part = nul ? (size_t)(nul - bytes) - i : len - i;
        buf_add(&text, bytes + i, part);
        i += part;
        if (nul) {
            buf_add_text(&text, "\xef\xbf\xbd");
            i++;
        }
    }
    return buf_steal(&text);
}

char *reader_name(struct reader *reader)
{
    uint64_t start = reader->at;
    uint32_t len = reader_u32(reader);
    if (len > reader_left(reader))
        reader_damaged(reader, start, "a name of %" PRIu32 " bytes goes past its section", len);
    else if (len > MODULE_MAX_NAME)
        reader_damaged(reader, start, "a name of %" PRIu32 " bytes is longer than %d", len,
                       MODULE_MAX_NAME);
    reader->names += len;
    if (reader->names > MODULE_MAX_NAMES)
        reader_damaged(reader, start, "all names together are longer than %d bytes",
                       MODULE_MAX_NAMES);
    const uint8_t *bytes = reader_view(reader, len);
    if (bytes && !utf8_valid(bytes, len))
        reader_damaged(reader, start, "a name is not valid UTF-8");
    if (reader->rc)
        return NULL;
    reader->at += len;
    return bytes ? name_text(bytes, len) : mem_dup("");
}
