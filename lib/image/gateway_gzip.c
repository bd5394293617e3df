#include "image/gateway_gzip.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <zlib.h>

#include "base/lazy.h"
#include "base/mem.h"
#include "base/stop.h"

#define ZLIB_SONAME "libz.so.1"

enum {
    PIECE = 64 * 1024,
    NAME_MAX_BYTES = 511, /* of a name in the header, without its NUL: Go's limit */
    RAW_WINDOW = -15,     /* zlib's word for bare blocks (RFC 1951) with the whole window */
};

/* --- zlib, loaded when first needed --- */

DLOPEN_NOTE(zlib, "[{\"feature\":\"gateways\",\"description\":\"layers as gateways read them\","
                  "\"priority\":\"recommended\",\"soname\":[\"" ZLIB_SONAME "\"]}]");

#define ZLIB_FUNCTIONS(X) X(crc32) X(inflateInit2_) X(inflate) X(inflateReset) X(inflateEnd)

#define DEFINE(name) static __typeof__(name) *z_##name;
ZLIB_FUNCTIONS(DEFINE)

static int load_zlib(struct err *err)
{
#define SYMBOL(name) {#name, &z_##name},
    static const struct lazy_symbol symbols[] = {ZLIB_FUNCTIONS(SYMBOL)};
    static struct lazy_library library = {ZLIB_SONAME, symbols, COUNT(symbols), NULL};
    return lazy_load(&library, err);
}

/* --- In and out --- */

/* The work on a file. */
struct gunzip {
    int fd;
    const char *shown; /* how errors name the file */
    int (*take)(void *arg, const void *data, size_t len, struct err *err);
    void *arg;
    struct err *err;

    enum gunzip_end fault; /* why the last function failed */
    int rc;                /* of `take`, or of reading */
    off_t at;              /* in the file: what is read next */
    z_stream stream;       /* and the bytes that were read and not used yet */
    uint32_t crc;          /* of the member so far, or of its header */
    uint32_t size;
    unsigned char in[PIECE], out[PIECE];
};

/* Each function that returns a bool returns false after a fault. */
static bool fail(struct gunzip *work, enum gunzip_end fault)
{
    work->fault = fault;
    return false;
}

/* Whether a byte is at hand; the end of the file is no fault. */
static bool have_input(struct gunzip *work)
{
    ssize_t got = -1;
    if (work->stream.avail_in)
        return true;
    do
        got = pread(work->fd, work->in, PIECE, work->at);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        work->rc = err_errno(work->err, "read %s", work->shown);
    else if (got > 0)
        work->rc = stop_check(work->err);
    if (got <= 0 || work->rc)
        return false;
    work->at += got;
    work->stream.next_in = work->in;
    work->stream.avail_in = (unsigned)got;
    return true;
}

/* A number of so many bytes, the lowest first. */
static bool take_number(struct gunzip *work, unsigned bytes, uint32_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < bytes; i++) {
        if (!have_input(work))
            return fail(work, GUNZIP_CUT);
        *value |= (uint32_t)*work->stream.next_in++ << 8 * i;
        work->stream.avail_in--;
    }
    return true;
}

/* Counts the bytes of the member, and hands them on. */
static bool hand_over(struct gunzip *work, size_t len)
{
    work->crc = (uint32_t)z_crc32(work->crc, work->out, (unsigned)len);
    work->size += (uint32_t)len;
    if (len && !work->rc)
        work->rc = work->take(work->arg, work->out, len, work->err);
    return !work->rc || fail(work, GUNZIP_STOPPED);
}

/* --- Members (RFC 1952, 2.3) --- */

/* A byte of the header, which its checksum covers. */
static bool take_byte(struct gunzip *work, uint32_t *value)
{
    if (!take_number(work, 1, value))
        return false;
    const unsigned char byte = (unsigned char)*value;
    work->crc = (uint32_t)z_crc32(work->crc, &byte, 1);
    return true;
}

static bool skip_text(struct gunzip *work)
{
    uint32_t byte = 1;
    for (int i = 0; byte; i++) {
        if (i > NAME_MAX_BYTES)
            return fail(work, GUNZIP_DAMAGED);
        if (!take_byte(work, &byte))
            return false;
    }
    return true;
}

static bool skip_extra(struct gunzip *work)
{
    uint32_t low = 0, high = 0, byte = 0;
    if (!take_byte(work, &low) || !take_byte(work, &high))
        return false;
    for (uint32_t left = high << 8 | low; left; left--) {
        if (!take_byte(work, &byte))
            return false;
    }
    return true;
}

static bool read_head(struct gunzip *work)
{
    enum { HAS_CRC = 2, HAS_EXTRA = 4, HAS_NAME = 8, HAS_COMMENT = 16 };
    uint32_t head[10] = {0}, stated = 0;
    work->crc = 0;
    for (size_t i = 0; i < COUNT(head); i++) {
        if (!take_byte(work, &head[i]))
            return false;
    }
    if (head[0] != 0x1f || head[1] != 0x8b || head[2] != 8)
        return fail(work, GUNZIP_DAMAGED);
    if ((head[3] & HAS_EXTRA && !skip_extra(work)) || (head[3] & HAS_NAME && !skip_text(work)) ||
        (head[3] & HAS_COMMENT && !skip_text(work)))
        return false;
    if (!(head[3] & HAS_CRC))
        return true;
    if (!take_number(work, 2, &stated))
        return false;
    return stated == (work->crc & 0xffff) || fail(work, GUNZIP_DAMAGED);
}

/* zlib stores what it decoded before a fault, and those bytes count too. Without input, zlib gives
 * what is left of a long copy, and then says Z_BUF_ERROR. */
static bool read_blocks(struct gunzip *work)
{
    z_stream *stream = &work->stream;
    int rc = z_inflateReset(stream);
    work->crc = work->size = 0;
    while (rc == Z_OK) {
        (void)have_input(work);
        stream->next_out = work->out;
        stream->avail_out = PIECE;
        rc = z_inflate(stream, Z_NO_FLUSH);
        if (!hand_over(work, PIECE - stream->avail_out))
            return false;
    }
    return rc == Z_STREAM_END || fail(work, rc == Z_BUF_ERROR ? GUNZIP_CUT : GUNZIP_DAMAGED);
}

static bool read_tail(struct gunzip *work)
{
    uint32_t crc = 0, size = 0;
    if (!take_number(work, 4, &crc) || !take_number(work, 4, &size))
        return false;
    return (crc == work->crc && size == work->size) || fail(work, GUNZIP_DAMAGED);
}

static bool read_member(struct gunzip *work)
{
    return read_head(work) && read_blocks(work) && read_tail(work);
}

/* --- The file --- */

static void *get_memory(void *arg, unsigned count, unsigned size)
{
    (void)arg;
    return mem_zero(count, size);
}

static void free_memory(void *arg, void *memory)
{
    (void)arg;
    free(memory);
}

static void free_work(struct gunzip **work)
{
    (void)z_inflateEnd(&(*work)->stream);
    free(*work);
}

int gateway_gunzip(int fd, const char *shown,
                   int (*take)(void *arg, const void *data, size_t len, struct err *err), void *arg,
                   enum gunzip_end *end, struct err *err)
{
    int rc = load_zlib(err);
    if (rc)
        return rc;
    AUTO(free_work) struct gunzip *work = mem_zero(1, sizeof(*work));
    work->fd = fd;
    work->shown = shown;
    work->take = take;
    work->arg = arg;
    work->err = err;
    work->stream.zalloc = get_memory;
    work->stream.zfree = free_memory;
    if (z_inflateInit2_(&work->stream, RAW_WINDOW, ZLIB_VERSION, sizeof(work->stream)) != Z_OK)
        return err_set(err, ERR_FAILED,
                       "start zlib: install a version of " ZLIB_SONAME
                       " that is like " ZLIB_VERSION);
    while (read_member(work) && have_input(work)) {
    }
    *end = work->fault;
    return work->rc < 0 ? work->rc : 0;
}
