#include "registry/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "registry/calls.h"

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
    client_note(repo, digest);
}

bool client_seen(const struct repository *repo, const struct digest *digest)
{
    AUTO_FREE char *name = known_name(repo, digest);
    return seen_has(&repo->registry->seen, name);
}

void client_note(const struct repository *repo, const struct digest *digest)
{
    AUTO_FREE char *name = known_name(repo, digest);
    seen_add(&repo->registry->seen, name);
}

static char *image_key(const struct repository *repo, const char *key, const struct digest *digest)
{
    return mem_printf("%s/%s:%s@%s", repo->host->name, repo->path, key, digest->text);
}

bool client_seen_image(const struct repository *repo, const char *key, const struct digest *digest)
{
    AUTO_FREE char *name = image_key(repo, key, digest);
    return seen_has(&repo->registry->seen, name);
}

void client_note_image(const struct repository *repo, const char *key, const struct digest *digest)
{
    AUTO_FREE char *name = image_key(repo, key, digest);
    seen_add(&repo->registry->seen, name);
}

/* The next step after a refusal, or NULL. The first two refusals are Harbor's. */
static const char *delete_advice(const struct response *response)
{
    const char *words = buf_text(&response->refusal);
    if (strstr(words, "VIOLATE_FOREIGN_KEY_CONSTRAINT"))
        return "an index has the image in it: remove that first, by its tag";
    if (strcasestr(words, "immutable"))
        return "a rule of the project keeps the tag as it is: ask who administers the project to "
               "lift it";
    if (strcasestr(words, "read only") || strcasestr(words, "read-only"))
        return "try again later, or ask who runs the registry";
    if (response->status == 401 || response->status == 403)
        return "this account may not remove images there: log in as one that may (wasme login); in "
               "a Harbor, maintainers and administrators of the project may, developers may not, "
               "and a robot needs the permission to delete tags";
    return NULL;
}

int client_delete(const struct client_request *request, int *status, struct err *err)
{
    struct call call AUTO(call_release) = {
        .method = "DELETE",
        .what = request->what,
        .host = request->host,
        .path = request->path,
        .scope = request->scope,
        .tolerant = true,
    };
    int rc = calls_run(&request->registry->transport, &call, 1, err);
    *status = call.response.status;
    if (rc || response_is_success(&call.response))
        return rc;
    const char *next = delete_advice(&call.response);
    rc = response_refusal(&call.response, err);
    return err_set(err, rc, "DELETE %s: %s%s%s", request->what, err_text(err), next ? ": " : "",
                   next ? next : "");
}
