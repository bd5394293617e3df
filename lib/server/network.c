#include "server/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { MAPPED_BITS = 96 }; /* of ::ffff:0:0/96, in which IPv6 writes the addresses of IPv4 */

/* `six`: the 16 bytes of an IPv6 address. Returns whether the address is one of IPv4. */
static bool set_six(const struct in6_addr *six, struct address *out)
{
    bool mapped = IN6_IS_ADDR_V4MAPPED(six);
    *out = (struct address){.six = !mapped};
    memcpy(out->bytes, six->s6_addr + (mapped ? 12 : 0), mapped ? 4 : 16);
    return mapped;
}

void address_of(const struct sockaddr_storage *socket, struct address *out)
{
    const struct sockaddr_in *four = (const void *)socket;
    const struct sockaddr_in6 *six = (const void *)socket;
    *out = (struct address){.six = false};
    if (socket->ss_family == AF_INET)
        memcpy(out->bytes, &four->sin_addr, 4);
    else
        set_six(&six->sin6_addr, out);
}

bool address_is_loopback(const struct address *address)
{
    struct in6_addr six;
    memcpy(&six, address->bytes, sizeof(six));
    return address->six ? IN6_IS_ADDR_LOOPBACK(&six) : address->bytes[0] == 127;
}

/* Whether the first `bits` bits are the same. */
static bool begins_alike(const unsigned char *a, const unsigned char *b, int bits)
{
    size_t whole = (size_t)bits / 8;
    int rest = bits % 8;
    if (memcmp(a, b, whole) != 0)
        return false;
    return !rest || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

bool network_has(const struct network *network, const struct address *address)
{
    return network->address.six == address->six &&
           begins_alike(network->address.bytes, address->bytes, network->bits);
}

static void clear_behind(struct network *network)
{
    for (int bit = network->bits; bit < 128; bit++)
        network->address.bytes[bit / 8] &= (unsigned char)~(0x80 >> (bit % 8));
}

static void to_text(const struct network *network, char out[INET6_ADDRSTRLEN])
{
    inet_ntop(network->address.six ? AF_INET6 : AF_INET, network->address.bytes, out,
              INET6_ADDRSTRLEN);
}

/* A prefix of ::ffff:10.0.0.0/104 counts the bits of IPv6. Returns the longest prefix, or 0 when
 * the text is no address. */
static int read_address(const char *text, struct network *out, int *mapped)
{
    struct in6_addr six;
    *mapped = 0;
    out->address = (struct address){.six = false};
    if (inet_pton(AF_INET, text, out->address.bytes) == 1)
        return 32;
    if (inet_pton(AF_INET6, text, &six) != 1)
        return 0;
    if (set_six(&six, &out->address))
        *mapped = MAPPED_BITS;
    return 128;
}

/* Returns -1 for a text that is no number of bits. */
static int read_bits(const char *text, int mapped, int max)
{
    size_t len = strlen(text);
    if (len == 0 || len > 3 || strspn(text, "0123456789") != len || (len > 1 && *text == '0'))
        return -1;
    int bits = (int)strtol(text, NULL, 10);
    return bits > max ? -1 : bits - mapped;
}

int network_parse(const char *text, struct network *out, struct err *err)
{
    AUTO_FREE char *bare = mem_dup_n(text, strcspn(text, "/"));
    const char *slash = strchr(text, '/');
    int mapped;
    int max = read_address(bare, out, &mapped);
    if (!max)
        return err_set(err, ERR_USAGE,
                       "\"%.80s\" is no network: 10.0.0.0/8 and fd00::/8 are, or an address", text);
    out->bits = slash ? read_bits(slash + 1, mapped, max) : max - mapped;
    if (out->bits < 0)
        return err_set(err, ERR_USAGE, "\"%.80s\": the prefix is a number of bits, from %d to %d",
                       text, mapped, max);
    struct network whole = *out;
    clear_behind(out);
    if (memcmp(whole.address.bytes, out->address.bytes, sizeof(whole.address.bytes)) == 0)
        return 0;
    char host[INET6_ADDRSTRLEN], start[INET6_ADDRSTRLEN];
    to_text(&whole, host);
    to_text(out, start);
    return err_set(err, ERR_USAGE,
                   "\"%.80s\" has bits behind its prefix: write %s for the one address, or %s/%d "
                   "for the network",
                   text, host, start, out->bits);
}
