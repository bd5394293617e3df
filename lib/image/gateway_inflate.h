/*
 * Inflating (RFC 1951) as Go's compress/flate does it: gateway_gzip.h says why. The file that is
 * read, and the bytes that come out, piece by piece.
 */
#ifndef WASME_IMAGE_GATEWAY_INFLATE_H
#define WASME_IMAGE_GATEWAY_INFLATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "image/gateway_gzip.h"

enum {
    INFLATE_PIECE = 64 * 1024,
    INFLATE_WINDOW = 32 * 1024, /* how far back a copy reaches */
    CODES_MAX = 288,            /* literals and lengths */
    CODE_LEN_MAX = 15,          /* bits of a code */
    CODE_FAST = 10,             /* bits that are looked up at once */
};

/* The codes of one alphabet (RFC 1951, 3.2.2). */
struct codes {
    uint16_t fast[1 << CODE_FAST]; /* symbol << 4 | length; 0: no code of so few bits */
    uint16_t count[CODE_LEN_MAX + 1];
    uint16_t symbol[CODES_MAX]; /* by code */
};

/* The work on a file. The caller sets the first members, the rest is 0. */
struct inflate {
    int fd;
    const char *shown; /* how errors name the file */
    int (*take)(void *arg, const void *data, size_t len, struct err *err);
    void *arg;
    struct err *err;

    enum gunzip_end fault; /* why the last function failed */
    int rc;                /* of `take`, or of reading */
    off_t at;              /* in the file: what is read next */
    unsigned char in[INFLATE_PIECE];
    size_t in_at, in_len;
    uint64_t hold; /* bits that are not used yet, the next one lowest */
    unsigned held;
    bool at_end;                           /* of the file */
    unsigned char out[2 * INFLATE_WINDOW]; /* the window, and behind it what is new */
    size_t out_from, out_at;               /* what is new */
    size_t history;                        /* bytes that a copy may reach back to */
    struct codes literals, distances;
};

/* Each function returns false after a fault. */

/* Notes the fault; false. */
bool inflate_fail(struct inflate *work, enum gunzip_end fault);
/* Whether so many bits, at most 48, are at hand; this is no fault. */
bool inflate_have(struct inflate *work, unsigned bits);
/* Takes so many bits, at most 16, into `*value`. */
bool inflate_bits(struct inflate *work, unsigned bits, unsigned *value);
/* Leaves the rest of a byte. */
void inflate_align(struct inflate *work);
/* Inflates all blocks of one stream; the bytes before a fault are given too. */
bool inflate_stream(struct inflate *work);

#endif
