#include "registry/connect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

union endpoint {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static socklen_t endpoint_size(const union endpoint *endpoint)
{
    return endpoint->any.sa_family == AF_INET6 ? sizeof(endpoint->v6) : sizeof(endpoint->v4);
}

/* On loopback a connection is there or refused at once: waiting for it is no loss. */
static int try_one(const union endpoint *endpoint, long seconds, int *out)
{
    struct timeval limit = {.tv_sec = seconds};
    int on = 1;
    AUTO_CLOSE int fd = socket(endpoint->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0 ||
        connect(fd, &endpoint->any, endpoint_size(endpoint)) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        return errno ? errno : EIO;
    *out = fd;
    fd = -1;
    return 0;
}

static uint16_t port_of(const char *text)
{
    if (!*text)
        return 80;
    char *end = NULL;
    unsigned long port = strtoul(text + 1, &end, 10);
    return *text == ':' && text[1] >= '0' && text[1] <= '9' && !*end && port <= UINT16_MAX
               ? (uint16_t)port
               : 0;
}

/* The endpoints of the address, the one to try first in front; 0: it is none of this machine. */
static size_t endpoints_of(const char *address, union endpoint out[2])
{
    bool bracket = *address == '[';
    size_t len = bracket ? strcspn(address, "]") : strcspn(address, ":");
    AUTO_FREE char *host = mem_dup_n(address + bracket, len - bracket);
    const char *rest = address + len + (bracket && address[len]);
    uint16_t port = htons(port_of(rest));
    out[0] = out[1] = (union endpoint){.v4 = {.sin_family = AF_INET, .sin_port = port}};
    if (!port)
        return 0;
    if (inet_pton(AF_INET, host, &out[0].v4.sin_addr) == 1)
        return 1;
    out[0] = (union endpoint){.v6 = {.sin6_family = AF_INET6, .sin6_port = port}};
    if (bracket)
        return inet_pton(AF_INET6, host, &out[0].v6.sin6_addr) == 1;
    out[0].v6.sin6_addr = in6addr_loopback;
    out[1].v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return 2;
}

int connect_local(const char *address, long seconds, int *fd, struct err *err)
{
    union endpoint endpoints[2];
    size_t count = endpoints_of(address, endpoints);
    int number = EINVAL;
    for (size_t i = 0; i < count; i++) {
        number = try_one(&endpoints[i], seconds, fd);
        if (!number)
            return 0;
    }
    return err_set(err, ERR_FAILED, "connect to %s: %s", address, strerror(number));
}
