/*
 * Decompression as Go's compress/gzip and compress/flate do it for the gateways (RFC 1952, RFC
 * 1951). Every byte that can be decompressed is given, also of a layer that is cut or damaged
 * further on: gateways stop behind the bytes of plugin.wasm. libarchive, which reads layers
 * everywhere else, gives nothing of the last piece before a fault. Members are read here, because
 * Go's rules for them are its own. zlib decompresses the blocks, with two differences from Go:
 * - zlib refuses a block whose codes have none for the end of the block. Go gives the bytes of such
 *   a block, which no compressor makes.
 * - Go decodes nothing more when fewer bits are left than the code for the end of the block has.
 *   Of a file that is cut inside a block, zlib gives the few bytes that such bits hold: the last
 *   two bytes of the file at the most.
 */
#ifndef WASME_IMAGE_GATEWAY_GZIP_H
#define WASME_IMAGE_GATEWAY_GZIP_H

#include <stddef.h>

#include "base/err.h"

enum gunzip_end {
    GUNZIP_WHOLE,   /* the members of the file ended where the file does */
    GUNZIP_CUT,     /* the file ends too early */
    GUNZIP_DAMAGED, /* wrong bytes, or bytes behind the last member */
    GUNZIP_STOPPED, /* `take` wanted no more */
};

/*
 * Decompresses the file from its start, and gives the bytes to `take` piece by piece, until that
 * returns a code other than 0: a negative one is the result. Each piece has 64 KiB at the most;
 * the number of pieces is for `take` to limit. `shown` names the file in errors.
 */
int gateway_gunzip(int fd, const char *shown,
                   int (*take)(void *arg, const void *data, size_t len, struct err *err), void *arg,
                   enum gunzip_end *end, struct err *err);

#endif
