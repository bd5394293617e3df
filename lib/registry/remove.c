#include "registry/remove.h"

#include <string.h>

#include "base/mem.h"
#include "image/index.h"
#include "registry/client.h"
#include "registry/discovery.h"
#include "registry/harbor.h"

enum { TAGS_NAMED = 5 };

int client_delete(struct registry *registry, struct host *host, const char *what, const char *path,
                  const char *scope, int *status, struct err *err)
{
    struct call call AUTO(call_release) = {
        .method = "DELETE",
        .what = what,
        .host = host,
        .path = path,
        .scope = scope,
        .tolerant = true,
    };
    int rc = transport_run(&registry->transport, &call, 1, err);
    *status = call.response.status;
    if (rc || (*status >= 200 && *status <= 299))
        return rc;
    rc = response_refusal(&call.response, err);
    return err ? err_wrap(err, "DELETE %s", what) : rc;
}

/* The removal on its way. */
struct removal {
    struct repository repo;
    const struct ref *ref;
    bool force;
    struct digest digest;
};

/* Other tags of the manifest, of which a few are named. */
struct sharing {
    struct buf names;
    size_t count;
};

static void note_sharing(struct sharing *sharing, const char *tag)
{
    if (sharing->count++ < TAGS_NAMED)
        buf_printf(&sharing->names, "%s%s", sharing->names.len ? ", " : "", tag);
}

static bool is_own_tag(const struct removal *removal, const char *tag)
{
    return removal->ref->tag && strcmp(removal->ref->tag, tag) == 0;
}

static int refuse_shared(const struct removal *removal, const struct sharing *sharing,
                         struct err *err)
{
    if (!sharing->count)
        return 0;
    bool more = sharing->count > TAGS_NAMED;
    return err_set(err, ERR_FAILED,
                   "other tags are of the same manifest, %s, and would go with it: %s%s; to remove "
                   "all of them: --force",
                   removal->digest.text, buf_text(&sharing->names), more ? ", ..." : "");
}

/* An index that names the image is broken without it. */
static bool names_image(const struct registry_manifest *manifest, const struct digest *digest)
{
    AUTO(index_release) struct image_index index = {0};
    if (!index_is_one(manifest->data, manifest->len) ||
        index_parse(manifest->data, manifest->len, &index, NULL) != 0)
        return false;
    for (size_t i = 0; i < index.count; i++)
        if (digest_equal(&index.children[i].descriptor.digest, digest))
            return true;
    return false;
}

/* Is the tag of the manifest, or of an index with it? What went meanwhile is not. */
static int look_at_tag(const struct removal *removal, const char *tag, bool *same, struct err *err)
{
    AUTO(ref_release) struct ref ref = {0};
    AUTO(registry_manifest_release) struct registry_manifest manifest = {0};
    AUTO(err_release) struct err problem = ERR_INIT;
    const struct ref *of = removal->ref;
    ref.registry = mem_dup(of->registry);
    ref.repository = mem_dup(of->repository);
    ref.tag = mem_dup(tag);
    int rc = registry_get_manifest(removal->repo.registry, &ref, &manifest, &problem);
    *same = !rc && (digest_equal(&manifest.digest, &removal->digest) ||
                    names_image(&manifest, &removal->digest));
    if (!rc || rc == ERR_NOT_FOUND)
        return 0;
    return err_set(err, rc,
                   "whether the tag %s is of the same manifest is not known (%s): --force "
                   "removes it without looking",
                   tag, err_text(&problem));
}

static int check_other_tags(const struct removal *removal, struct err *err)
{
    AUTO(registry_names_release) struct registry_names tags = {0};
    struct sharing sharing = {.names = BUF_INIT(TAGS_NAMED * (REF_TAG_MAX + 2))};
    int rc = registry_tags(removal->repo.registry, removal->ref, &tags, err);
    if (!rc && tags.count > REMOVE_TAGS_MAX)
        rc = err_set(err, ERR_FAILED,
                     "the repository has %zu tags, too many to see which are of the same manifest: "
                     "--force removes it without looking",
                     tags.count);
    for (size_t i = 0; !rc && i < tags.count; i++) {
        bool same = false;
        if (is_own_tag(removal, tags.items[i]))
            continue;
        rc = look_at_tag(removal, tags.items[i], &same, err);
        if (same)
            note_sharing(&sharing, tags.items[i]);
    }
    if (!rc)
        rc = refuse_shared(removal, &sharing, err);
    buf_release(&sharing.names);
    return rc;
}

static int delete_key(const struct removal *removal, const char *key, int *status, struct err *err)
{
    const struct repository *repo = &removal->repo;
    AUTO_FREE char *path = mem_printf("/v2/%s/manifests/%s", repo->path, key);
    AUTO_FREE char *what = mem_printf("manifest %s", key);
    return client_delete(repo->registry, repo->host, what, path, repo->scope, status, err);
}

static int delete_manifest(const struct removal *removal, struct err *err)
{
    int status = 0;
    int rc = delete_key(removal, removal->digest.text, &status, err);
    if (status != 405 && status != 501)
        return rc;
    AUTO_FREE char *words = mem_dup(err_text(err));
    return err_set(err, ERR_UNSUPPORTED,
                   "%s: removing is switched off on %s: whoever runs it can allow it (docker's "
                   "registry: REGISTRY_STORAGE_DELETE_ENABLED=true)",
                   words, removal->repo.host->name);
}

/* What a registry answers that cannot remove a tag alone. */
static bool wants_digest(int status)
{
    return status == 400 || status == 404 || status == 405 || status == 501;
}

static int remove_plain(struct removal *removal, bool *whole, struct err *err)
{
    AUTO(registry_manifest_release) struct registry_manifest manifest = {0};
    int rc = registry_get_manifest(removal->repo.registry, removal->ref, &manifest, err);
    if (rc)
        return rc;
    removal->digest = manifest.digest;
    if (!removal->ref->digest.text[0]) {
        int status = 0;
        rc = delete_key(removal, removal->ref->tag, &status, err);
        if (!rc || !wants_digest(status))
            return rc;
        err_release(err);
        /* A try whose answer was lost may have removed it. */
        bool is_there = true;
        rc = status == 404 ? look_at_tag(removal, removal->ref->tag, &is_there, err) : 0;
        if (rc || !is_there)
            return rc;
    }
    rc = removal->force ? 0 : check_other_tags(removal, err);
    *whole = true;
    return rc ? rc : delete_manifest(removal, err);
}

static int remove_from_harbor(struct removal *removal, bool *whole, struct err *err)
{
    AUTO(harbor_artifact_release) struct harbor_artifact artifact = {0};
    struct registry *registry = removal->repo.registry;
    struct host *host = removal->repo.host;
    const struct ref *ref = removal->ref;
    int rc =
        harbor_artifact(registry, host, ref->repository, ref_manifest_key(ref), &artifact, err);
    if (rc)
        return rc;
    removal->digest = artifact.digest;
    if (!ref->digest.text[0])
        return harbor_remove_tag(registry, host, ref->repository, &artifact.digest, ref->tag, err);
    struct sharing sharing = {.names = BUF_INIT(TAGS_NAMED * (REF_TAG_MAX + 2))};
    for (size_t i = 0; i < artifact.tags.count; i++)
        if (!is_own_tag(removal, artifact.tags.items[i]))
            note_sharing(&sharing, artifact.tags.items[i]);
    rc = removal->force ? 0 : refuse_shared(removal, &sharing, err);
    buf_release(&sharing.names);
    *whole = true;
    return rc ? rc : harbor_remove_artifact(registry, host, ref->repository, &ref->digest, err);
}

int registry_remove(struct registry *registry, const struct ref *ref, bool force,
                    struct registry_removal *out, struct err *err)
{
    struct err problem AUTO(err_release) = ERR_INIT;
    struct removal removal = {.ref = ref, .force = force};
    bool harbor = false;
    bool whole = false;
    repository_init(&removal.repo, registry, ref, "pull,delete");
    int rc = harbor_is_there(registry, removal.repo.host, &harbor, &problem);
    if (!rc)
        rc = harbor ? remove_from_harbor(&removal, &whole, &problem)
                    : remove_plain(&removal, &whole, &problem);
    repository_release(&removal.repo);
    if (rc)
        return err_set(err, rc, "%s", err_text(&problem));
    *out = (struct registry_removal){removal.digest, whole};
    return 0;
}
