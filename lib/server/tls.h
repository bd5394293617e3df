/* The TLS of one connection, by OpenSSL: the same calls as in wire.h. */
#ifndef WASME_SERVER_TLS_H
#define WASME_SERVER_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "server/tls_context.h"

struct tls;

/* The server's end of a connection; NULL: there is no memory. The handshake is a part of the first
 * tls_recv(). The socket stays the caller's. */
struct tls *tls_new(const struct tls_context *context, int fd);
/* Sends nothing. */
void tls_free(struct tls *tls);
/*
 * 0: the end of the peer's bytes. *more: bytes may wait in the socket, of which no event will tell.
 * EPROTO: the peer broke the protocol, or refused the handshake; tls_reason() tells more. ENOTSUP:
 * the peer's first bytes are a request of plain HTTP.
 */
ssize_t tls_recv(struct tls *tls, void *data, size_t len, bool *more);
/* After EAGAIN, the next call must be one with the same bytes, though they may lie elsewhere and
 * there may be more of them. */
ssize_t tls_send(struct tls *tls, const void *data, size_t len, bool more);
ssize_t tls_send_parts(struct tls *tls, const struct iovec *parts, size_t count, bool more);
ssize_t tls_sendfile(struct tls *tls, int file, off_t *at, size_t len);
/* Tells the peer that no byte is missing (close_notify). After EAGAIN the call is repeated. */
int tls_finish(struct tls *tls);
/* The handshake has begun and is not complete. */
bool tls_is_opening(const struct tls *tls);
/* tls_recv() waits until the socket can be written to. */
bool tls_wants_write(const struct tls *tls);
/* Why the last call failed with EPROTO; static. */
const char *tls_reason(const struct tls *tls);

#endif
