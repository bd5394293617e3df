#include "cmd/serve/announce.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/visible.h"

struct door {
    const char *scheme;
    int port;
};

static void print_address(const char *host, struct door door)
{
    bool bare_ipv6 = strchr(host, ':') != NULL;
    printf("  %s://%s%s%s:%d\n", door.scheme, bare_ipv6 ? "[" : "", host, bare_ipv6 ? "]" : "",
           door.port);
}

/* Whether to show the address: a link-local address is useless to other machines, and the loopback
 * address of IPv4 stands for that of IPv6. */
static bool is_usable(const struct sockaddr *address, char host[INET6_ADDRSTRLEN])
{
    const struct sockaddr_in *four = (const void *)address;
    const struct sockaddr_in6 *six = (const void *)address;
    if (address->sa_family == AF_INET)
        return inet_ntop(AF_INET, &four->sin_addr, host, INET6_ADDRSTRLEN) != NULL;
    return address->sa_family == AF_INET6 && !IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr) &&
           !IN6_IS_ADDR_LOOPBACK(&six->sin6_addr) &&
           inet_ntop(AF_INET6, &six->sin6_addr, host, INET6_ADDRSTRLEN) != NULL;
}

static void print_family(const struct ifaddrs *list, int family, struct door door)
{
    char host[INET6_ADDRSTRLEN];
    for (const struct ifaddrs *at = list; at; at = at->ifa_next)
        if (at->ifa_addr && at->ifa_addr->sa_family == family && (at->ifa_flags & IFF_UP) &&
            is_usable(at->ifa_addr, host))
            print_address(host, door);
}

static void print_interfaces(bool six, struct door door)
{
    struct ifaddrs *list = NULL;
    if (getifaddrs(&list) != 0) {
        print_address("127.0.0.1", door);
        return;
    }
    print_family(list, AF_INET, door);
    if (six)
        print_family(list, AF_INET6, door);
    freeifaddrs(list);
}

char *announce_bare_address(const char *text)
{
    size_t len = strlen(text);
    bool bracketed = len > 2 && text[0] == '[' && text[len - 1] == ']';
    return bracketed ? mem_dup_n(text + 1, len - 2) : mem_dup(text);
}

static void print_addresses(const char *bind, struct door door)
{
    struct in6_addr six;
    struct in_addr four;
    if (!bind || (inet_pton(AF_INET6, bind, &six) == 1 && IN6_IS_ADDR_UNSPECIFIED(&six)))
        print_interfaces(true, door);
    else if (inet_pton(AF_INET, bind, &four) == 1 && four.s_addr == htonl(INADDR_ANY))
        print_interfaces(false, door);
    else
        print_address(bind, door);
}

/* The address of a socket that another process opened. */
static void print_socket(int fd, struct door door)
{
    struct sockaddr_storage socket = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof(socket);
    char host[NI_MAXHOST], port[NI_MAXSERV];
    if (getsockname(fd, (struct sockaddr *)&socket, &len) == 0 &&
        getnameinfo((struct sockaddr *)&socket, len, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        print_addresses(host, (struct door){door.scheme, (int)strtol(port, NULL, 10)});
}

static void print_sockets(const struct server *server, struct door door)
{
    size_t count;
    const int *sockets = server_listeners(server, &count);
    for (size_t i = 0; i < count; i++)
        print_socket(sockets[i], door);
}

void announce(const char *what, const struct server_options *options, const struct server *server)
{
    AUTO(buf_release) struct buf shown = BUF_INIT(PATH_MAX);
    visible_add(&shown, what, false);
    printf("Starting up wasme, serving %s\nCORS: %s\nAvailable on:\n", buf_text(&shown),
           options->cors ? "enabled" : "disabled");
    struct door door = {options->tls_cert ? "https" : "http", server_port(server)};
    if (options->listener_count)
        print_sockets(server, door);
    else
        print_addresses(options->bind, door);
    puts("Hit CTRL-C to stop the server");
    fflush(stdout);
}
