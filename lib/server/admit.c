#include "server/admit.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>

enum { TELL_MS = 1000 };

/* `more` says why the last one was refused, when that is not plain. */
static void tell_refusal(struct server *server, const struct address *peer, const char *more)
{
    server->refused++;
    if (server->now < server->tell_refusal_again)
        return;
    char host[INET6_ADDRSTRLEN];
    inet_ntop(peer->six ? AF_INET6 : AF_INET, peer->bytes, host, sizeof(host));
    if (server->refused == 1)
        server_failed(server, "refused a connection from %s%s", host, more);
    else
        server_failed(server, "refused %lld connections, the last one from %s%s", server->refused,
                      host, more);
    server->refused = 0;
    server->tell_refusal_again = server->now + TELL_MS;
}

static bool is_in_networks(const struct server_options *options, const struct address *address)
{
    for (size_t i = 0; i < options->network_count; i++)
        if (network_has(&options->networks[i], address))
            return true;
    return !options->network_count;
}

static int max_of(const struct server_options *options, const struct address *address)
{
    if (options->max_per_address > 0)
        return options->max_per_address;
    return address_is_loopback(address) ? INT_MAX : SERVER_PER_ADDRESS;
}

bool admit_peer(struct server *server, const struct sockaddr_storage *peer)
{
    const struct server_options *options = &server->options;
    struct address address;
    char more[64] = "";
    address_of(peer, &address);
    int count = crowd_count(&server->crowd, &address);
    bool has_room = count < max_of(options, &address);
    if (has_room && is_in_networks(options, &address))
        return true;
    if (!has_room)
        snprintf(more, sizeof(more), ", which has %d", count);
    tell_refusal(server, &address, more);
    return false;
}

bool admit_request(const struct server *server, struct server_request *request,
                   struct server_reply *reply)
{
    const struct server_options *options = &server->options;
    return !options->admit || options->admit(options->admit_arg, request, reply);
}
