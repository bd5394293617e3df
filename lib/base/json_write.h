/*
 * Writing JSON byte for byte as the encoding/json Marshal of the original's Go does (compact, and
 * `<`, `>`, `&`, U+2028 and U+2029 escaped): digests depend on these bytes, so that the spelling of
 * a general library will not do.
 *
 *     json_begin_object(&out);
 *     json_key(&out, "size");
 *     json_put_int(&out, 8);
 *     json_end_object(&out);
 *
 * Commas come by themselves. The buffer remembers an addition past its maximum (buf_overflowed()).
 */
#ifndef WASME_BASE_JSON_WRITE_H
#define WASME_BASE_JSON_WRITE_H

#include "base/buf.h"

void json_begin_object(struct buf *out);
void json_end_object(struct buf *out);
void json_begin_array(struct buf *out);
void json_end_array(struct buf *out);
void json_key(struct buf *out, const char *key);
/* Invalid UTF-8 becomes U+FFFD, as in Go. */
void json_put_text(struct buf *out, const char *text);
void json_put_int(struct buf *out, long long number);
void json_put_bool(struct buf *out, bool value);
void json_put_null(struct buf *out);
/* A key and its text in one call; json_put_pair_if leaves out what is NULL or empty. */
void json_put_pair(struct buf *out, const char *key, const char *text);
void json_put_pair_if(struct buf *out, const char *key, const char *text);
/* A pair in which `<`, `>` and `&` stand for themselves, for people and their `grep`. */
void json_put_plain_pair(struct buf *out, const char *key, const char *text);

#endif
