/*
 * What all TLS connections of a server have in common: the certificate with its key, and the rules.
 *
 * TLS 1.2 with forward secrecy and authenticated encryption, and TLS 1.3; ALPN "http/1.1"; sessions
 * are resumed for an hour, by tickets or, with TLS 1.2, from memory. No renegotiation.
 */
#ifndef WASME_SERVER_TLS_CONTEXT_H
#define WASME_SERVER_TLS_CONTEXT_H

#include <stdint.h>

#include "base/err.h"
#include "server/openssl.h"

enum { TLS_FILE_MAX = 256 * 1024 }; /* bytes of a file with certificates or a key */

struct tls_context {
    SSL_CTX *ssl;  /* owned; lives until its last connection ends */
    int64_t keyed; /* ms: when the key of the tickets was made; 0: not yet */
};

/*
 * Reads the certificate and those that lead to its root from `cert`, and the private key from `key`
 * (NULL: from the same file), all in PEM. Errors name the file and the way out. *warning: NULL, or
 * a text about the certificate's dates, which the caller frees.
 */
int tls_context_open(const char *cert, const char *key, struct tls_context *out, char **warning,
                     struct err *err);
void tls_context_release(struct tls_context *context);
/* Makes a new key for tickets when the old one is some hours old: a stolen key opens only the
 * sessions of these hours. `now`: ms of clock_ms(). */
void tls_context_renew(struct tls_context *context, int64_t now);

#endif
