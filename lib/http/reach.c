#include "http/reach.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

static enum host_kind kind_of_v4(uint32_t address)
{
    static const struct {
        uint32_t net, mask;
        enum host_kind kind;
    } nets[] = {
        {0x7f000000, 0xff000000, HOST_LOOPBACK}, {0x0a000000, 0xff000000, HOST_PRIVATE},
        {0xac100000, 0xfff00000, HOST_PRIVATE},  {0xc0a80000, 0xffff0000, HOST_PRIVATE},
        {0x646464c8, 0xffffffff, HOST_SPECIAL}, /* Alibaba Cloud's metadata */
        {0xa83f8110, 0xffffffff, HOST_SPECIAL}, /* Azure's wire server */
        {0xc00000c0, 0xffffffff, HOST_SPECIAL}, /* Oracle Cloud's metadata */
        {0x64400000, 0xffc00000, HOST_PRIVATE},  {0xa9fe0000, 0xffff0000, HOST_SPECIAL},
        {0xc6120000, 0xfffe0000, HOST_PRIVATE},  {0x00000000, 0xff000000, HOST_SPECIAL},
    };
    for (size_t i = 0; i < COUNT(nets); i++)
        if ((address & nets[i].mask) == nets[i].net)
            return nets[i].kind;
    return HOST_PUBLIC;
}

static uint32_t v4_at(const unsigned char *raw)
{
    return (uint32_t)raw[0] << 24 | (uint32_t)raw[1] << 16 | (uint32_t)raw[2] << 8 | raw[3];
}

static enum host_kind kind_of_v6(const struct in6_addr *address)
{
    static const unsigned char metadata[16] = {0xfd, 0, 0x0e, 0xc2, 0, 0, 0,   0,
                                               0,    0, 0,    0,    0, 0, 0x2, 0x54};
    const unsigned char *raw = address->s6_addr;
    static const unsigned char nat64[12] = {0, 0x64, 0xff, 0x9b};
    static const unsigned char translated[12] = {[8] = 0xff, [9] = 0xff};
    if (IN6_IS_ADDR_LOOPBACK(address))
        return HOST_LOOPBACK;
    /* Forms that hold an IPv4 address: mapped, compatible, NAT64 (RFC 6052), SIIT (RFC 2765), and
     * 6to4 (RFC 3056) below. */
    if (IN6_IS_ADDR_V4MAPPED(address) || IN6_IS_ADDR_V4COMPAT(address) ||
        memcmp(raw, nat64, sizeof(nat64)) == 0 || memcmp(raw, translated, sizeof(translated)) == 0)
        return kind_of_v4(v4_at(raw + 12));
    if (raw[0] == 0x20 && raw[1] == 0x02)
        return kind_of_v4(v4_at(raw + 2));
    if (IN6_IS_ADDR_UNSPECIFIED(address) || IN6_IS_ADDR_LINKLOCAL(address) ||
        memcmp(raw, metadata, sizeof(metadata)) == 0)
        return HOST_SPECIAL;
    return (raw[0] & 0xfe) == 0xfc || IN6_IS_ADDR_SITELOCAL(address) ? HOST_PRIVATE : HOST_PUBLIC;
}

enum host_kind host_kind_of(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return kind_of_v4(
            ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
    if (address->sa_family == AF_INET6)
        return kind_of_v6(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
    return HOST_SPECIAL;
}

/* The host in host[:port], without brackets, zone or final dot. */
static char *bare_host(const char *address)
{
    char *host;
    if (*address == '[') {
        host = mem_dup_n(address + 1, strcspn(address + 1, "]%"));
    } else {
        host = mem_dup_n(address, strcspn(address, ":"));
        size_t len = strlen(host);
        if (len && host[len - 1] == '.')
            host[len - 1] = '\0';
    }
    return host;
}

static bool ends_in(const char *text, const char *end)
{
    size_t len = strlen(text);
    return len >= strlen(end) && strcasecmp(text + len - strlen(end), end) == 0;
}

enum host_kind host_kind(const char *address)
{
    AUTO_FREE char *host = bare_host(address);
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return kind_of_v4(ntohl(v4.s_addr));
    if (inet_pton(AF_INET6, host, &v6) == 1)
        return kind_of_v6(&v6);
    if (strcasecmp(host, "localhost") == 0 || ends_in(host, ".localhost"))
        return HOST_LOOPBACK;
    if (strcasecmp(host, "metadata") == 0 || strcasecmp(host, "metadata.google.internal") == 0)
        return HOST_SPECIAL;
    return HOST_PUBLIC;
}

static bool may_send(enum host_kind from, enum host_kind to)
{
    if (to == HOST_PUBLIC)
        return true;
    return from != HOST_SPECIAL && to != HOST_SPECIAL && to <= from;
}

bool sender_may_name(struct sender sender, enum host_kind written)
{
    return may_send(sender.reached, written) &&
           (written != HOST_LOOPBACK || sender.written == HOST_LOOPBACK);
}

bool sender_may_reach(struct sender sender, enum host_kind reached, bool own)
{
    return may_send(sender.reached, reached) || (own && reached == sender.reached);
}

static enum host_kind outer(enum host_kind first, enum host_kind second)
{
    if (first == HOST_SPECIAL || second == HOST_SPECIAL)
        return HOST_SPECIAL;
    return first < second ? first : second;
}

struct sender sender_join(struct sender first, struct sender second)
{
    return (struct sender){outer(first.written, second.written),
                           outer(first.reached, second.reached)};
}
