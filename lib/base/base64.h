/* Base64 (RFC 4648). */
#ifndef WASME_BASE_BASE64_H
#define WASME_BASE_BASE64_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* The text of section 4, with padding, for `len` bytes. The caller frees the text, and wipes it
 * when the bytes are a secret. */
char *base64_encode(const char *data, size_t len);
/* Adds the bytes behind a text of section 4 to `out`. Padding may be missing, and CR and LF may
 * break the text into lines. ERR_DAMAGED: the text is not base64, or does not fit into out->max. */
int base64_decode(const char *text, struct buf *out, struct err *err);
/* The same for the first `len` bytes of a text with the letters of section 5 (base64url). */
int base64_decode_url(const char *text, size_t len, struct buf *out, struct err *err);

#endif
