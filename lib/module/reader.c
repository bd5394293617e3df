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
#include "module/module.h"

static void init(struct reader *reader, const char *shown, struct err *err)
{
    memset(reader, 0, sizeof(*reader));
    reader->fd = -1;
    reader->shown = shown;
    reader->err = err;
}

void reader_init_fd(struct reader *reader, int fd, const char *shown, struct err *err)
{
    init(reader, shown, err);
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

void reader_init_bytes(struct reader *reader, const void *data, size_t len, const char *shown,
                       struct err *err)
{
    init(reader, shown, err);
    reader->data = data;
    reader->size = reader->end = len;
}

bool reader_failed(const struct reader *reader)
{
    return reader->rc != 0;
}

void reader_damaged(struct reader *reader, uint64_t offset, const char *format, ...)
{
    if (reader->rc)
        return;
    va_list args;
    va_start(args, format);
    AUTO_FREE char *text = mem_vprintf(format, args);
    va_end(args);
    reader->rc = err_set(reader->err, ERR_DAMAGED, "%s: %s, at offset %" PRIu64, reader->shown,
                         text, offset);
}

uint64_t reader_left(const struct reader *reader)
{
    return reader->end > reader->at ? reader->end - reader->at : 0;
}

/* Fills the window with bytes from `at` on: at least one, unless reading fails. */
static void fill(struct reader *reader)
{
    uint64_t want = reader->size - reader->at;
    if (want > READER_WINDOW)
        want = READER_WINDOW;
    ssize_t got = (ssize_t)want;
    if (reader->fd < 0)
        memcpy(reader->window, reader->data + reader->at, (size_t)want);
    else
        do
            got = pread(reader->fd, reader->window, (size_t)want, (off_t)reader->at);
        while (got < 0 && errno == EINTR);
    if (got < 0)
        reader->rc = err_errno(reader->err, "read %s", reader->shown);
    else if (got == 0)
        reader_damaged(reader, reader->at, "the file became shorter while it was read");
    reader->window_at = reader->at;
    reader->window_len = got > 0 ? (size_t)got : 0;
}

/* The bytes of the window from `at` on: at least one, unless the reader failed. */
static size_t available(struct reader *reader)
{
    if (reader->rc)
        return 0;
    if (reader->at >= reader->end) {
        reader_damaged(reader, reader->at, "%s ends too early",
                       reader->end == reader->size ? "the file" : "the section");
        return 0;
    }
    if (reader->at < reader->window_at || reader->at >= reader->window_at + reader->window_len)
        fill(reader);
    if (reader->rc)
        return 0;
    uint64_t held = reader->window_at + reader->window_len - reader->at;
    uint64_t left = reader_left(reader);
    return (size_t)(held < left ? held : left);
}

uint8_t reader_byte(struct reader *reader)
{
    if (available(reader) == 0)
        return 0;
    return reader->window[reader->at++ - reader->window_at];
}

uint64_t reader_unsigned(struct reader *reader, int bits)
{
    uint64_t start = reader->at, value = 0;
    for (int shift = 0; shift < bits; shift += 7) {
        uint8_t byte = reader_byte(reader);
        if (bits - shift < 7 && (byte & 0x7f) >> (bits - shift)) {
            reader_damaged(reader, start, "a number has more than %d bits", bits);
            return 0;
        }
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
    reader_damaged(reader, start, "a number of %d bits takes too many bytes", bits);
    return 0;
}

uint32_t reader_u32(struct reader *reader)
{
    return (uint32_t)reader_unsigned(reader, 32);
}

void reader_skip_s33(struct reader *reader)
{
    uint64_t start = reader->at;
    for (int i = 0; i < 5; i++) {
        uint8_t byte = reader_byte(reader);
        /* 33 bits are 4 * 7 + 5: the last byte's upper two repeat the sign. */
        uint8_t sign = byte & 0x70;
        if (i == 4 && sign != 0 && sign != 0x70)
            break;
        if (!(byte & 0x80))
            return;
    }
    reader_damaged(reader, start, "a number has more than 33 bits");
}

static void read_bytes(struct reader *reader, uint8_t *out, size_t len)
{
    while (len) {
        size_t part = available(reader);
        if (part == 0)
            return;
        if (part > len)
            part = len;
        memcpy(out, reader->window + (reader->at - reader->window_at), part);
        reader->at += part;
        out += part;
        len -= part;
    }
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
    if (reader->rc)
        return NULL;
    AUTO_FREE uint8_t *bytes = mem_alloc(len);
    read_bytes(reader, bytes, len);
    if (!reader->rc && !utf8_valid(bytes, len))
        reader_damaged(reader, start, "a name is not valid UTF-8");
    return reader->rc ? NULL : name_text(bytes, len);
}
