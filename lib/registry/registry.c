#include "registry/registry.h"

#include <stdlib.h>
#include <string.h>

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
    free(registry->known);
    free(registry);
}

void registry_close_at(struct registry **registry)
{
    registry_close(*registry);
}

void client_forget_all(struct registry *registry)
{
    for (size_t i = 0; i < registry->known_count; i++)
        free(registry->known[i]);
    registry->known_count = 0;
}

void repository_init(struct repository *repo, struct registry *registry, const struct ref *ref,
                     const char *actions)
{
    *repo = (struct repository){
        .registry = registry,
        .host = transport_host(&registry->transport, ref->registry),
        .path = ref->repository,
        .scope = mem_printf("repository:%s:%s", ref->repository, actions),
    };
}

void repository_release(struct repository *repo)
{
    mem_free_at(&repo->scope);
    repo->scope = NULL;
}

static char *known_name(const struct repository *repo, const struct digest *digest)
{
    return mem_printf("%s/%s@%s", repo->host->name, repo->path, digest->text);
}

bool client_knows(const struct repository *repo, const struct digest *digest)
{
    const struct registry *registry = repo->registry;
    AUTO_FREE char *name = known_name(repo, digest);
    for (size_t i = 0; i < registry->known_count; i++)
        if (strcmp(registry->known[i], name) == 0)
            return true;
    return false;
}

void client_learn(const struct repository *repo, const struct digest *digest)
{
    struct registry *registry = repo->registry;
    if (client_knows(repo, digest))
        return;
    registry->known =
        mem_resize(registry->known, registry->known_count + 1, sizeof(*registry->known));
    registry->known[registry->known_count++] = known_name(repo, digest);
}
