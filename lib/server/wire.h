/*
 * Where bytes go to and come from a connection: the one place that knows the socket.
 *
 * All calls are non-blocking, repeat themselves after a signal, and fail with -1 and errno; EAGAIN
 * means that an event of the socket has to come first.
 */
#ifndef WASME_SERVER_WIRE_H
#define WASME_SERVER_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct tls;
struct tls_context;

struct wire {
    int fd;          /* -1: closed */
    bool more;       /* after wire_recv(): bytes may wait, of which no event will tell */
    bool cut;        /* the peer shall see that bytes are missing */
    struct tls *tls; /* owned; NULL: plain */
};

/* Takes the socket over; `context`: NULL, or what makes the connection one of TLS. False: there is
 * no memory, and the socket stays the caller's. */
bool wire_open(struct wire *wire, int fd, const struct tls_context *context);
/*
 * Reads; 0 at the end of the peer's bytes. Of TLS: EPROTO when the peer broke the protocol or
 * refused the handshake; ENOTSUP when the peer's first bytes are a request of plain HTTP, and from
 * then on the wire is plain.
 */
ssize_t wire_recv(struct wire *wire, void *data, size_t len);
/* Sends as many bytes as the socket takes. `more`: other bytes follow at once. After EAGAIN, a
 * connection of TLS must be given the same bytes again before any others. */
ssize_t wire_send(struct wire *wire, const void *data, size_t len, bool more);
ssize_t wire_send_parts(struct wire *wire, const struct iovec *parts, size_t count, bool more);
/* Sends bytes of a file from *at on, and moves *at; 0 at the end of the file. */
ssize_t wire_sendfile(struct wire *wire, int file, off_t *at, size_t len);
/* Tells the peer, when the connection is one of TLS, that no byte is missing; to be called after
 * the last byte, and again after EAGAIN. */
int wire_finish(struct wire *wire);
/* Ends this side of the socket, after wire_finish(); from then on wire_recv() gives bytes as they
 * come, without a meaning. */
int wire_shutdown(struct wire *wire);
/* Closes the socket, without wire_finish() when `cut` is set. */
void wire_close(struct wire *wire);
/* Whether a handshake has begun and is not complete. */
bool wire_is_opening(const struct wire *wire);
/* Why wire_recv() failed with EPROTO; static. */
const char *wire_reason(const struct wire *wire);
/* Whether an event that says "writable" lets wire_recv() go on. */
bool wire_reads_when_writable(const struct wire *wire);
/* Bytes that were sent, and of which the peer's system has not confirmed the arrival. */
long long wire_unconfirmed(const struct wire *wire);
/* Whether bytes of the peer wait to be read. */
bool wire_has_unread(const struct wire *wire);

#endif
