#include "server/wire.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

ssize_t wire_recv(struct wire *wire, void *data, size_t len)
{
    ssize_t count;
    do
        count = recv(wire->fd, data, len, 0);
    while (count < 0 && errno == EINTR);
    return count;
}

static int send_flags(bool more)
{
    return MSG_NOSIGNAL | (more ? MSG_MORE : 0);
}

ssize_t wire_send(struct wire *wire, const void *data, size_t len, bool more)
{
    ssize_t count;
    do
        count = send(wire->fd, data, len, send_flags(more));
    while (count < 0 && errno == EINTR);
    return count;
}

ssize_t wire_send_parts(struct wire *wire, const struct iovec *parts, size_t count, bool more)
{
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
    do
        count = sendfile(wire->fd, file, at, len);
    while (count < 0 && errno == EINTR);
    return count;
}

int wire_shutdown(struct wire *wire)
{
    return shutdown(wire->fd, SHUT_WR);
}

void wire_close(struct wire *wire)
{
    close(wire->fd);
    wire->fd = -1;
}

bool wire_reads_when_writable(const struct wire *wire)
{
    (void)wire;
    return false;
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
