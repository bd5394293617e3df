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

struct wire {
    int fd; /* -1: closed */
};

/*
 * Reads; 0 at the end of the peer's bytes. Fewer bytes than `len` mean that nothing waits in the
 * socket now, so that an event tells of the next bytes.
 */
ssize_t wire_recv(struct wire *wire, void *data, size_t len);
/* Sends as many bytes as the socket takes. `more`: other bytes follow at once. */
ssize_t wire_send(struct wire *wire, const void *data, size_t len, bool more);
ssize_t wire_send_parts(struct wire *wire, const struct iovec *parts, size_t count, bool more);
/* Sends bytes of a file from *at on, and moves *at; 0 at the end of the file. */
ssize_t wire_sendfile(struct wire *wire, int file, off_t *at, size_t len);
/* Ends this side in order: the peer sees that nothing is missing. */
int wire_shutdown(struct wire *wire);
/* Closes the socket, not in order. */
void wire_close(struct wire *wire);
/* Whether an event that says "writable" lets wire_recv() go on. */
bool wire_reads_when_writable(const struct wire *wire);
/* Bytes that were sent, and of which the peer's system has not confirmed the arrival. */
long long wire_unconfirmed(const struct wire *wire);
/* Whether bytes of the peer wait to be read. */
bool wire_has_unread(const struct wire *wire);

#endif
