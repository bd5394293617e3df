/* Asks for the size of a blob, for registry.h. */
#include "base/mem.h"
#include "registry/calls.h"
#include "registry/client.h"

int registry_blob_size(struct registry *registry, const struct ref *ref,
                       const struct digest *digest, long long *size, struct err *err)
{
    AUTO(repository_release) struct repository repo;
    repository_init(&repo, registry, ref, "pull");
    AUTO_FREE char *what = mem_printf("blob %s", digest->text);
    AUTO_FREE char *path = mem_printf("/v2/%s/blobs/%s", repo.path, digest->text);
    struct call call = {.method = "HEAD",
                        .what = what,
                        .host = repo.host,
                        .path = path,
                        .scope = repo.scope,
                        .follow = true,
                        .apart = true};
    int rc = calls_run(&registry->transport, &call, 1, err);
    if (!rc)
        rc = err_move(err, &call.err);
    if (!rc && call.response.content_length < 0)
        rc = err_set(err, ERR_UNSUPPORTED, "HEAD %s: the registry does not say how large it is",
                     what);
    if (!rc)
        *size = call.response.content_length;
    call_release(&call);
    return rc;
}
