#include "server/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "server/network.h"
#include "server/owner.h"

enum { BACKLOG = 1024 };

/* Accepted sockets inherit TCP_NODELAY from the listening socket. */
static int set_up(int fd, const struct sockaddr *address, socklen_t len)
{
    const int on = 1, off = 0;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
        return -1;
    if (address->sa_family == AF_INET6 &&
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) != 0)
        return -1;
    if (bind(fd, address, len) != 0)
        return -1;
    return listen(fd, BACKLOG);
}

/* Returns a listening socket, or -1 with errno. */
static int try_address(const void *address, socklen_t len)
{
    const struct sockaddr *any = address;
    int fd = socket(any->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (fd < 0 || set_up(fd, any, len) == 0)
        return fd;
    int number = errno;
    close(fd);
    errno = number;
    return -1;
}

/* IPv6 and IPv4 on one socket; IPv4 alone where the system has no IPv6. */
static int try_all(int port)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    int fd = try_address(&six, sizeof(six));
    if (fd >= 0 || errno == EADDRINUSE || errno == EACCES)
        return fd;
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    return try_address(&four, sizeof(four));
}

static int try_named(const char *name, int port, int *fd, struct err *err)
{
    char service[16];
    snprintf(service, sizeof(service), "%d", port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    int rc = getaddrinfo(name, service, &hints, &list);
    if (rc)
        return err_set(err, ERR_FAILED, "listen on %s: %s", name, gai_strerror(rc));
    *fd = -1;
    for (const struct addrinfo *at = list; at && *fd < 0; at = at->ai_next)
        *fd = try_address(at->ai_addr, at->ai_addrlen);
    int number = errno;
    freeaddrinfo(list);
    errno = number;
    return 0;
}

static int explain_owner(int port, int rc, struct err *err)
{
    AUTO_FREE char *owner = owner_of_port(port);
    if (owner)
        return err_set(err, rc, "%s by %s: stop that, or choose another port with --port",
                       err_text(err), owner);
    return err_set(err, rc,
                   "%s: `ss -ltnp 'sport = :%d'` says by whom; or choose another port with --port",
                   err_text(err), port);
}

static int explain(const char *name, int port, struct err *err)
{
    int number = errno;
    AUTO_FREE char *place = mem_printf("%s%sport %d", name ? name : "", name ? " " : "", port);
    errno = number;
    int rc = err_errno(err, "listen on %s", place);
    if (number == EADDRINUSE)
        return explain_owner(port, rc, err);
    if (number != EACCES)
        return rc;
    return err_set(err, rc, "%s: choose another with --port", err_text(err));
}

int listen_open(const char *bind_to, int port, int *fd, struct err *err)
{
    int opened = -1;
    int rc = 0;
    if (bind_to)
        rc = try_named(bind_to, port, &opened, err);
    else
        opened = try_all(port);
    if (rc)
        return rc;
    if (opened < 0)
        return explain(bind_to, port, err);
    *fd = opened;
    return 0;
}

static void name_of(int fd, struct sockaddr_storage *out)
{
    socklen_t len = sizeof(*out);
    *out = (struct sockaddr_storage){.ss_family = AF_UNSPEC};
    if (getsockname(fd, (struct sockaddr *)out, &len) != 0)
        out->ss_family = AF_UNSPEC;
}

static bool has_option(int fd, int option, int wanted)
{
    int value = 0;
    socklen_t len = sizeof(value);
    return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 && value == wanted;
}

int listen_take(int fd, struct err *err)
{
    const int on = 1;
    struct sockaddr_storage socket;
    name_of(fd, &socket);
    bool ip = socket.ss_family == AF_INET || socket.ss_family == AF_INET6;
    if (!ip || !has_option(fd, SO_ACCEPTCONN, 1) || !has_option(fd, SO_PROTOCOL, IPPROTO_TCP))
        return err_set(err, ERR_USAGE, "descriptor %d is no listening socket of TCP", fd);
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
        return err_errno(err, "set up the listening socket %d", fd);
    return 0;
}

int listen_port(int fd)
{
    struct sockaddr_storage socket;
    name_of(fd, &socket);
    const struct sockaddr_in *four = (const void *)&socket;
    const struct sockaddr_in6 *six = (const void *)&socket;
    return ntohs(socket.ss_family == AF_INET6 ? six->sin6_port : four->sin_port);
}

bool listen_is_local(int fd)
{
    struct sockaddr_storage socket;
    struct address address;
    name_of(fd, &socket);
    address_of(&socket, &address);
    return socket.ss_family != AF_UNSPEC && address_is_loopback(&address);
}
