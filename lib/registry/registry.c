#include "registry/registry.h"

#include <stdlib.h>

#include "base/mem.h"
#include "registry/client.h"

int registry_open(const struct registry_options *options, struct registry **out, struct err *err)
{
    struct registry *registry = mem_zero(1, sizeof(*registry));
    int rc = transport_open(&registry->transport, options, err);
    if (rc) {
        free(registry);
        return rc;
    }
    registry->seen.dir = options->cache_dir;
    auth_new(&registry->transport, &registry->auth);
    *out = registry;
    return 0;
}

void registry_close(struct registry *registry)
{
    if (!registry)
        return;
    auth_free(registry->auth);
    transport_close(&registry->transport);
    client_forget_all(registry);
    seen_close(&registry->seen);
    free(registry->known);
    free(registry);
}

void registry_close_at(struct registry **registry)
{
    registry_close(*registry);
}
