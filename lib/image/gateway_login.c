#include "image/gateway_login.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* The parts of a realm's address. */
struct place {
    bool is_http, is_https;
    char *authority; /* owned: host:port, without a login */
    char *host;      /* owned: the same without port and brackets */
};

static void place_release(struct place *place)
{
    free(place->authority);
    free(place->host);
}

static void split(const char *realm, struct place *out)
{
    out->is_http = strncmp(realm, "http://", 7) == 0;
    out->is_https = strncmp(realm, "https://", 8) == 0;
    const char *rest = strstr(realm, "://");
    rest = rest ? rest + 3 : "";
    size_t len = strcspn(rest, "/?#");
    const char *login = memchr(rest, '@', len);
    len -= login ? (size_t)(login + 1 - rest) : 0;
    rest = login ? login + 1 : rest;
    out->authority = mem_dup_n(rest, len);
    bool bracketed = *out->authority == '[';
    size_t host = strcspn(out->authority, bracketed ? "]" : ":");
    out->host = mem_dup_n(out->authority + bracketed, host - bracketed);
}

/* Private, loopback or link-local, as Go's net.IP has it. */
static bool is_inner_v4(uint32_t address)
{
    static const struct {
        uint32_t net, mask;
    } nets[] = {{0x7f000000, 0xff000000},
                {0x0a000000, 0xff000000},
                {0xac100000, 0xfff00000},
                {0xc0a80000, 0xffff0000},
                {0xa9fe0000, 0xffff0000}};
    for (size_t i = 0; i < COUNT(nets); i++) {
        if ((address & nets[i].mask) == nets[i].net)
            return true;
    }
    return false;
}

static bool is_inner(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return is_inner_v4(ntohl(v4.s_addr));
    if (inet_pton(AF_INET6, host, &v6) != 1)
        return false;
    if (IN6_IS_ADDR_V4MAPPED(&v6)) {
        memcpy(&v4.s_addr, v6.s6_addr + 12, sizeof(v4.s_addr));
        return is_inner_v4(ntohl(v4.s_addr));
    }
    return IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_LINKLOCAL(&v6) ||
           (v6.s6_addr[0] & 0xfe) == 0xfc;
}

/* Istio looks at each realm first, also at one on the registry's own host. */
static bool istio_refuses(const struct place *place)
{
    return (!place->is_http && !place->is_https) || !*place->host || is_inner(place->host) ||
           strcmp(place->host, "localhost") == 0 ||
           strcmp(place->host, "metadata.google.internal") == 0;
}

/* The rules of go-containerregistry. */
static bool client_refuses(const struct place *place, const struct gateway_login *login)
{
    if (!place->is_https && !(place->is_http && login->plain_http))
        return true;
    bool unspecified = strcmp(place->host, "0.0.0.0") == 0 || strcmp(place->host, "::") == 0;
    return strcmp(place->authority, login->registry) != 0 && (unspecified || is_inner(place->host));
}

char *gateway_login_fault(enum gateway gateway, const struct gateway_login *login)
{
    AUTO(place_release) struct place place = {.authority = NULL};
    if (gateway == GATEWAY_WKG)
        return NULL;
    if (login->open_at_first)
        return mem_printf("the registry answers GET /v2/ without asking for a login, and asks for "
                          "one later: the gateway then asks for no token (the gateway says: "
                          "UNAUTHORIZED)");
    if (!login->realm || gateway == GATEWAY_HIGRESS)
        return NULL;
    split(login->realm, &place);
    if (gateway == GATEWAY_ISTIO && istio_refuses(&place))
        return mem_printf("the registry sends clients for a token to %s, and the gateway asks no "
                          "address of this machine or of a private network for one (the gateway "
                          "says: rejected unsafe bearer realm)",
                          login->realm);
    if (client_refuses(&place, login))
        return mem_printf("the registry sends clients for a token to %s, and the gateway asks only "
                          "by https, and no address of this machine or of a private network other "
                          "than the registry's own (the gateway says: invalid realm in "
                          "www-authenticate)",
                          login->realm);
    return NULL;
}
