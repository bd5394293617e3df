#include "server/wire.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/tls.h"

bool wire_open(struct wire *wire, int fd, const struct tls_context *context)
{
    struct tls *tls = context ? tls_new(context, fd) : NULL;
    if (context && !tls)
        return false;
    *wire = (struct wire){.fd = fd, .tls = tls};
    return true;
}

static void make_plain(struct wire *wire)
{
    tls_free(wire->tls);
    wire->tls = NULL;
}

static ssize_t recv_secure(struct wire *wire, void *data, size_t len)
{
    ssize_t count = tls_recv(wire->tls, data, len, &wire->more);
    if (count < 0 && errno == ENOTSUP) {
        make_plain(wire);
        errno = ENOTSUP;
    }
    return count;
}

/* A read that does not fill the buffer has emptied the socket. */
ssize_t wire_recv(struct wire *wire, void *data, size_t len)
{
    ssize_t count;
    if (wire->tls)
        return recv_secure(wire, data, len);
    do
        count = recv(wire->fd, data, len, 0);
    while (count < 0 && errno == EINTR);
    wire->more = count == (ssize_t)len;
    return count;
}

static int send_flags(bool more)
{
    return MSG_NOSIGNAL | (more ? MSG_MORE : 0);
}

ssize_t wire_send(struct wire *wire, const void *data, size_t len, bool more)
{
    ssize_t count;
    if (wire->tls)
        return tls_send(wire->tls, data, len, more);
    do
        count = send(wire->fd, data, len, send_flags(more));
    while (count < 0 && errno == EINTR);
    return count;
}

ssize_t wire_send_parts(struct wire *wire, const struct iovec *parts, size_t count, bool more)
{
    if (wire->tls)
        return tls_send_parts(wire->tls, parts, count, more);
    struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)parts, .msg_iovlen = count};
    ssize_t sent;
    do
        sent = sendmsg(wire->fd, &message, send_flags(more));
    while (sent < 0 && errno == EINTR);
    return sent;
}

ssize_t wire_sendfile(struct wire *wire, int file, off_t *at, size_t len)
{
    ssize_t count;
    if (wire->tls)
        return tls_sendfile(wire->tls, file, at, len);
    do
        count = sendfile(wire->fd, file, at, len);
    while (count < 0 && errno == EINTR);
    return count;
}

int wire_finish(struct wire *wire)
{
    return wire->tls ? tls_finish(wire->tls) : 0;
}

int wire_shutdown(struct wire *wire)
{
    make_plain(wire);
    return shutdown(wire->fd, SHUT_WR);
}

void wire_close(struct wire *wire)
{
    if (wire->tls && !wire->cut)
        (void)tls_finish(wire->tls);
    make_plain(wire);
    close(wire->fd);
    wire->fd = -1;
}

bool wire_is_opening(const struct wire *wire)
{
    return wire->tls && tls_is_opening(wire->tls);
}

const char *wire_reason(const struct wire *wire)
{
    return wire->tls ? tls_reason(wire->tls) : "";
}

bool wire_reads_when_writable(const struct wire *wire)
{
    return wire->tls && tls_wants_write(wire->tls);
}

long long wire_unconfirmed(const struct wire *wire)
{
    int waiting = 0;
    return ioctl(wire->fd, SIOCOUTQ, &waiting) == 0 ? waiting : 0;
}

bool wire_has_unread(const struct wire *wire)
{
    int waiting = 0;
    return ioctl(wire->fd, FIONREAD, &waiting) == 0 && waiting > 0;
}
