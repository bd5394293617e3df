/* Tokens of HTTP, as methods and names of fields are (RFC 9110, section 5.6.2). */
#ifndef WASME_BASE_HTTP_TOKEN_H
#define WASME_BASE_HTTP_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

/* Whether it is a tchar; NUL is none. */
bool http_is_token_char(char c);
/* Whether the bytes are a token, which has at least one. */
bool http_is_token(const char *text, size_t len);
/* The length of the token that the text begins with; 0: there is none. */
size_t http_token_len(const char *text);

#endif
