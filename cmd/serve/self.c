#include "cmd/serve/self.h"

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

bool self_host_valid(const char *text)
{
    size_t len = host_len(text);
    if (!len || strlen(text) >= SELF_HOST_MAX)
        return false;
    const char *rest = text + len;
    if (*rest != ':')
        return !*rest;
    size_t digits = strspn(rest + 1, "0123456789");
    return digits > 0 && digits <= 5 && !rest[1 + digits] && strtol(rest + 1, NULL, 10) <= 65535;
}

void self_of(const struct site *site, const struct server_request *request, struct self *out)
{
    out->site = site;
    if (request->host && self_host_valid(request->host))
        snprintf(out->host, sizeof(out->host), "%s", request->host);
    else
        snprintf(out->host, sizeof(out->host), "localhost:%d", site->port);
}

void self_url(const struct self *self, const char *path, struct buf *out)
{
    buf_printf(out, "http%s://%s", self->site->secure ? "s" : "", self->host);
    html_path(out, path);
}

void self_oci(const struct self *self, const char *name, struct buf *out)
{
    buf_printf(out, "oci://%s/%s", self->host, name);
}

int self_parts(const struct self *self, struct buf *host)
{
    size_t len = host_len(self->host);
    const char *port = self->host + len;
    bool brackets = self->host[0] == '[';
    buf_add(host, self->host + brackets, len - (brackets ? 2 : 0));
    if (*port)
        return (int)strtol(port + 1, NULL, 10);
    return self->site->secure ? 443 : 80;
}
