/*
 * Reading a WebAssembly binary of any size piece by piece, through one window. The reader keeps its
 * first failure, and everything read after that is zero. A caller therefore asks reader_failed()
 * once a piece is decoded, and in every loop.
 */
#ifndef WASME_MODULE_READER_H
#define WASME_MODULE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define READER_WINDOW (128 * 1024) /* bytes; less for a small file, more for a large view */

struct reader {
    int fd;                /* read with pread; -1 when bytes in memory are read */
    uint64_t size;         /* bytes of the whole file */
    uint64_t at;           /* offset of the next byte */
    uint64_t end;          /* nothing is read at or past this offset */
    uint64_t names;        /* bytes of the names read so far, against MODULE_MAX_NAMES */
    const char *shown;     /* borrowed; names the file in errors */
    struct err *err;       /* borrowed; gets the first failure */
    int rc;                /* 0 or the code of the first failure */
    const uint8_t *window; /* the bytes of the file from window_at on */
    uint64_t window_at;
    size_t window_len;
    size_t ahead;  /* bytes that are read at once from a descriptor: READER_WINDOW, or as set */
    uint8_t *room; /* owned: the window of a descriptor */
    size_t room_size;
};

/* Sets `end` to the end of the file. The descriptor must be that of a regular file. */
void reader_init_fd(struct reader *reader, int fd, const char *shown, struct err *err);
void reader_release(struct reader *reader); /* usable with AUTO() */
/* A second reader of the same file up to the same end, for a thread of its own; and its end: a
 * failure becomes that of `reader`, when it has none. */
void reader_fork(struct reader *fork, const struct reader *reader, struct err *err);
void reader_join(struct reader *reader, struct reader *fork);

bool reader_failed(const struct reader *reader);
/* Fails with ERR_DAMAGED: "<shown>: <what>, at offset <offset>"; later failures change nothing. */
void reader_damaged(struct reader *reader, uint64_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* How many bytes are left up to `end`. */
uint64_t reader_left(const struct reader *reader);
/* The next `len` bytes, which are left, without moving on: valid until the reader reads again. NULL
 * for a failure. `len` is at most MODULE_MAX_BODY. */
const uint8_t *reader_view(struct reader *reader, size_t len);

uint8_t reader_byte(struct reader *reader);
/* Reads an unsigned LEB128 number of at most `bits` bits (32 or 64). More bytes than such a number
 * needs, or bits past it, are a failure (core specification 5.2.2, "Integers"). */
uint64_t reader_unsigned(struct reader *reader, int bits);
/* The same for a signed number of at most `bits` bits (32, 33 or 64). */
int64_t reader_signed(struct reader *reader, int bits);
uint32_t reader_u32(struct reader *reader);
/* Passes over `len` bytes, which are left or a failure. */
void reader_skip(struct reader *reader, uint64_t len);
/* Reads the count of a list, whose entries take `least` bytes each or more; 0 after a failure. */
uint32_t reader_count(struct reader *reader, const char *what, unsigned least, uint32_t max);
/* Fails when bytes are left up to `end`. */
void reader_expect_end(struct reader *reader, const char *what);
/*
 * Reads a name (5.2.4): its length and that many bytes of valid UTF-8. Hands over the text; NULL
 * after a failure. A NUL in the name becomes U+FFFD, so that the text is not cut short there.
 */
char *reader_name(struct reader *reader);

#endif
