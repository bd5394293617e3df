#include "http/probe_net.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum { TURN_MS = 200 };

/* Splits "[::1]:5000" into the host without brackets, and the port, which stays when there is
 * none. */
static char *split(const char *address, const char **port)
{
    bool bracket = *address == '[';
    size_t len = strcspn(address + bracket, bracket ? "]" : ":");
    const char *end = address + bracket + len + (bracket && address[bracket + len] == ']');
    if (*end == ':' && end[1])
        *port = end + 1;
    return mem_dup_n(address + bracket, len);
}

static void add(struct probe_addresses *out, const struct addrinfo *found)
{
    struct probe_address *address = &out->items[out->count];
    if (found->ai_addrlen > sizeof(address->socket) ||
        getnameinfo(found->ai_addr, found->ai_addrlen, address->text, sizeof(address->text), NULL,
                    0, NI_NUMERICHOST) != 0)
        return;
    memcpy(&address->socket, found->ai_addr, found->ai_addrlen);
    address->socket_len = found->ai_addrlen;
    address->v6 = found->ai_family == AF_INET6;
    out->count++;
}

int probe_resolve(const char *address, const char *port, struct probe_addresses *out,
                  struct err *err)
{
    AUTO_FREE char *host = split(address, &port);
    const struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    *out = (struct probe_addresses){0};
    (void)snprintf(out->port, sizeof(out->port), "%s", port);
    int code = getaddrinfo(host, out->port, &wanted, &list);
    if (code)
        return err_set(err, ERR_NOT_FOUND, "%s", gai_strerror(code));
    for (const struct addrinfo *at = list; at && out->count < PROBE_ADDRESSES_MAX; at = at->ai_next)
        add(out, at);
    freeaddrinfo(list);
    return out->count ? 0 : err_set(err, ERR_NOT_FOUND, "the name has no address");
}

static int begin(struct probe_address *address)
{
    int fd = socket(address->socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    address->problem = "no answer";
    if (fd >= 0 &&
        (connect(fd, (const struct sockaddr *)&address->socket, address->socket_len) == 0 ||
         errno == EINPROGRESS))
        return fd;
    address->problem = strerrordesc_np(errno);
    mem_close_at(&fd);
    return -1;
}

static void finish(struct probe_address *address, int fd)
{
    int number = 0;
    socklen_t len = sizeof(number);
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &len) != 0)
        number = errno;
    address->problem = number ? strerrordesc_np(number) : NULL;
}

void probe_connect(struct probe_addresses *addresses, int ms, const volatile int *interrupted)
{
    struct pollfd polls[PROBE_ADDRESSES_MAX];
    size_t open = 0;
    int64_t end = clock_ms() + ms;
    for (size_t i = 0; i < addresses->count; i++) {
        polls[i] = (struct pollfd){.fd = begin(&addresses->items[i]), .events = POLLOUT};
        open += polls[i].fd >= 0;
    }
    while (open && clock_ms() < end && !(interrupted && *interrupted)) {
        if (poll(polls, addresses->count, TURN_MS) <= 0)
            continue;
        for (size_t i = 0; i < addresses->count; i++) {
            if (polls[i].fd < 0 || !polls[i].revents)
                continue;
            finish(&addresses->items[i], polls[i].fd);
            mem_close_at(&polls[i].fd);
            polls[i].fd = -1;
            open--;
        }
    }
    for (size_t i = 0; i < addresses->count; i++)
        mem_close_at(&polls[i].fd);
}
