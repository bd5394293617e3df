/* A file of bearer tokens (RFC 6750), one on each line. */
#ifndef WASME_SERVER_TOKENS_H
#define WASME_SERVER_TOKENS_H

#include <stddef.h>

#include "base/digest.h"
#include "base/err.h"

enum {
    TOKENS_BYTES_MAX = 256 * 1024,
    TOKENS_MAX = 1000,
    TOKEN_LEN_MIN = 16, /* a shorter one can be guessed */
    TOKEN_LEN_MAX = 4096,
};

/* Of a token only its digest is kept. */
struct token {
    struct digest digest;
    char name[24]; /* "token:7" for the one of line 7, as a log may show it */
};

struct tokens {
    struct token *items; /* owned */
    size_t count;
};

/* Reads the lines; those that begin with '#' are comments. `shown` names the file in errors, which
 * have the number of the line, and never a token. ERR_DAMAGED: a line is no token. */
int tokens_parse(const char *text, const char *shown, struct tokens *out, struct err *err);
/* The name of the token, or NULL: there is none such. How long that takes depends on the number of
 * tokens alone. */
const char *tokens_find(const struct tokens *tokens, const char *token);
void tokens_release(struct tokens *tokens); /* usable with AUTO() */

#endif
