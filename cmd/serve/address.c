#include "cmd/serve/address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/serve/html.h"

static const char alphanumeric[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/* The bytes of the name or the address in front of a port; 0: there is none that can stand in an
 * address. */
static size_t host_len(const char *text)
{
    if (text[0] == '[') {
        size_t inner = strspn(text + 1, "0123456789abcdefABCDEF:.");
        return inner > 1 && text[1 + inner] == ']' ? inner + 2 : 0;
    }
    size_t len = 0;
    while (text[len] && (strchr(alphanumeric, text[len]) || strchr("-._", text[len])))
        len++;
    return len;
}

bool address_host_valid(const char *text)
{
    size_t len = host_len(text);
    if (!len || strlen(text) >= ADDRESS_HOST_MAX)
        return false;
    const char *rest = text + len;
    if (*rest != ':')
        return !*rest;
    size_t digits = strspn(rest + 1, "0123456789");
    return digits > 0 && digits <= 5 && !rest[1 + digits] && strtol(rest + 1, NULL, 10) <= 65535;
}

void address_of(const struct site *site, const struct server_request *request, struct address *out)
{
    out->site = site;
    if (request->host && address_host_valid(request->host))
        snprintf(out->host, sizeof(out->host), "%s", request->host);
    else
        snprintf(out->host, sizeof(out->host), "localhost:%d", site->port);
}

void address_url(const struct address *address, const char *path, struct buf *out)
{
    buf_printf(out, "http%s://%s", address->site->secure ? "s" : "", address->host);
    html_path(out, path);
}

void address_oci(const struct address *address, const char *name, struct buf *out)
{
    buf_printf(out, "oci://%s/%s", address->host, name);
}

int address_parts(const struct address *address, struct buf *host)
{
    size_t len = host_len(address->host);
    const char *port = address->host + len;
    bool brackets = address->host[0] == '[';
    buf_add(host, address->host + brackets, len - (brackets ? 2 : 0));
    if (*port)
        return (int)strtol(port + 1, NULL, 10);
    return address->site->secure ? 443 : 80;
}
