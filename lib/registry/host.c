#include "registry/host.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void host_init(struct host *host, const char *name, bool plain_http, bool tls_hinted)
{
    bool hub = strcmp(name, "docker.io") == 0 || strcmp(name, "index.docker.io") == 0;
    const char *address = hub ? "registry-1.docker.io" : name;
    enum host_kind kind = host_kind(address);
    bool local = kind == HOST_LOOPBACK;
    *host = (struct host){
        .name = mem_dup(name),
        .address = mem_dup(address),
        .http = plain_http || (local && !tls_hinted),
        .settled = plain_http || !local,
        .sender = {kind, kind},
    };
}

void host_release(struct host *host)
{
    free(host->name);
    free(host->address);
    *host = (struct host){0};
}

char *host_base(const struct host *host)
{
    return mem_printf("%s://%s", host->http ? "http" : "https", host->address);
}

bool host_flip(struct host *host)
{
    if (host->settled)
        return false;
    host->settled = host->flipped; /* back to the first: it stays */
    host->flipped = true;
    host->http = !host->http;
    return true;
}
