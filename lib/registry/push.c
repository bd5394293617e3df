#include <string.h>

#include "base/mem.h"
#include "image/manifest.h"
#include "registry/blob.h"
#include "registry/client.h"

/* A registry that says something else of the bytes is worth a warning; the bytes were ours. */
static void check_hint(const struct repository *repo, const struct call *call,
                       const struct digest *digest)
{
    const char *hint = call->response.content_digest;
    if (hint && strcmp(hint, digest->text) != 0)
        notice_say(repo->registry->transport.options->notice, NOTICE_WARNING,
                   "%s: %s names another digest than the one that was sent, %s", call->what,
                   repo->host->name, digest->text);
}

static int put_manifest(const struct repository *repo, const struct ref *ref, const char *manifest,
                        size_t len, const char *media_type, struct err *err)
{
    struct digest digest;
    int rc = digest_of(manifest, len, &digest, err);
    if (rc)
        return rc;
    if (ref->digest.text[0] && !digest_equal(&ref->digest, &digest))
        return err_set(err, ERR_DAMAGED, "the manifest hashes to %s, not to the reference's %s",
                       digest.text, ref->digest.text);
    const char *key = ref->tag ? ref->tag : ref->digest.text;
    AUTO_FREE char *what = mem_printf("manifest %s", key);
    AUTO_FREE char *path = mem_printf("/v2/%s/manifests/%s", repo->path, key);
    AUTO_FREE char *type = mem_printf("Content-Type: %s", media_type);
    struct body_source source AUTO(body_source_release) = {
        .data = manifest, .fd = -1, .size = (long long)len};
    struct call call AUTO(call_release) = {
        .method = "PUT",
        .what = what,
        .host = repo->host,
        .path = path,
        .scope = repo->scope,
        .headers = {type},
        .source = &source,
    };
    rc = transport_run(&repo->registry->transport, &call, 1, err);
    if (!rc)
        check_hint(repo, &call, &digest);
    return rc;
}

int registry_push(struct registry *registry, const struct ref *ref,
                  const struct registry_blob *blobs, size_t blob_count, const char *manifest,
                  size_t manifest_len, const char *media_type, struct err *err)
{
    struct err problem AUTO(err_release) = ERR_INIT;
    struct repository repo AUTO(repository_release) = {0};
    repository_init(&repo, registry, ref, "pull,push");
    if (manifest_len > MANIFEST_MAX)
        return err_set(err, ERR_FAILED, "the manifest has %zu bytes: registries take %d at most",
                       manifest_len, MANIFEST_MAX);
    int rc = blob_push_all(&repo, blobs, blob_count, &problem);
    if (!rc)
        rc = put_manifest(&repo, ref, manifest, manifest_len, media_type, &problem);
    return rc ? err_set(err, rc, "%s", err_text(&problem)) : 0;
}
