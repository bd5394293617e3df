#include "server/admit.h"

#include <arpa/inet.h>

enum { TELL_MS = 1000 };

static void tell_refusal(struct server *server, const struct address *peer)
{
    server->refused++;
    if (server->now < server->tell_refusal_again)
        return;
    char host[INET6_ADDRSTRLEN];
    inet_ntop(peer->six ? AF_INET6 : AF_INET, peer->bytes, host, sizeof(host));
    if (server->refused == 1)
        server_failed(server, "refused a connection from %s", host);
    else
        server_failed(server, "refused %lld connections, the last one from %s", server->refused,
                      host);
    server->refused = 0;
    server->tell_refusal_again = server->now + TELL_MS;
}

bool admit_peer(struct server *server, const struct sockaddr_storage *peer)
{
    const struct server_options *options = &server->options;
    struct address address;
    if (!options->network_count)
        return true;
    address_of(peer, &address);
    for (size_t i = 0; i < options->network_count; i++)
        if (network_has(&options->networks[i], &address))
            return true;
    tell_refusal(server, &address);
    return false;
}

bool admit_request(const struct server *server, struct server_request *request,
                   struct server_reply *reply)
{
    const struct server_options *options = &server->options;
    return !options->admit || options->admit(options->admit_arg, request, reply);
}
