#include "registry/remove.h"

#include <string.h>

#include "base/mem.h"
#include "image/index.h"
#include "registry/client.h"
#include "registry/discovery.h"
#include "registry/harbor.h"
#include "registry/manifest_head.h"

enum { TAGS_NAMED = 5 };

/* A removal while it is made. */
struct removal {
    struct repository repo;
    const struct ref *ref;
    bool force;
    struct digest digest;
};

/* The other tags of the manifest; an error names a few of them. */
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

/* Is the manifest an index with the image in it? Such an index is broken without the image. */
static bool names_image(const struct registry_manifest *manifest, const struct digest *digest)
{
    AUTO(index_release) struct image_index index = {0};
    if (!index_is_one(manifest->data, manifest->len) ||
        index_parse(manifest->data, manifest->len, &index, ERR_IGNORED) != 0)
        return false;
    for (size_t i = 0; i < index.count; i++)
        if (digest_equal(&index.children[i].descriptor.digest, digest))
            return true;
    return false;
}

/* Fetches the manifest of a tag, to compare it: the tag is that of an index, which may have the
 * image in it, or the registry did not name a digest. */
static int look_into_tag(const struct removal *removal, const char *tag, bool *same,
                         struct err *err)
{
    AUTO(ref_release) struct ref ref = {0};
    AUTO(registry_manifest_release) struct registry_manifest manifest = {0};
    const struct ref *of = removal->ref;
    ref.registry = mem_dup(of->registry);
    ref.repository = mem_dup(of->repository);
    ref.tag = mem_dup(tag);
    int rc = registry_get_manifest(removal->repo.registry, &ref, &manifest, err);
    *same = !rc && (digest_equal(&manifest.digest, &removal->digest) ||
                    names_image(&manifest, &removal->digest));
    return rc;
}

/* Finds out whether the tag is one of the manifest, or of an index with the manifest in it. A tag
 * that was removed meanwhile is not. */
static int judge_tag(const struct removal *removal, struct manifest_head *head, bool *same,
                     struct err *err)
{
    int rc = head->rc;
    *same = !rc && digest_equal(&head->digest, &removal->digest);
    if (rc)
        (void)err_move(err, &head->err);
    else if (!*same && (head->index || !head->digest.text[0]))
        rc = look_into_tag(removal, head->key, same, err);
    if (!rc || rc == ERR_NOT_FOUND) {
        err_release(err);
        return 0;
    }
    return err_set(err, rc,
                   "whether the tag %s is of the same manifest is not known (%s): --force "
                   "removes it without looking",
                   head->key, err_text(err));
}

static int judge_tags(const struct removal *removal, struct manifest_head *heads, size_t count,
                      struct sharing *sharing, struct err *err)
{
    int rc = manifest_heads(&removal->repo, heads, count, err);
    for (size_t i = 0; i < count; i++) {
        bool same = false;
        if (!rc)
            rc = judge_tag(removal, &heads[i], &same, err);
        if (same)
            note_sharing(sharing, heads[i].key);
        err_release(&heads[i].err);
    }
    return rc;
}

static int check_other_tags(const struct removal *removal, struct err *err)
{
    AUTO(registry_names_release) struct registry_names tags = {0};
    struct sharing sharing = {.names = BUF_INIT(TAGS_NAMED * (REF_TAG_MAX + 2))};
    int rc = registry_tags(removal->repo.registry, removal->ref, &tags, err);
    if (rc)
        return rc;
    if (tags.count > REMOVE_TAGS_MAX)
        return err_set(err, ERR_FAILED,
                       "the repository has %zu tags, too many to see which are of the same "
                       "manifest: --force removes it without looking",
                       tags.count);
    AUTO_FREE struct manifest_head *heads = mem_zero(tags.count, sizeof(*heads));
    size_t count = 0;
    for (size_t i = 0; i < tags.count; i++)
        if (!is_own_tag(removal, tags.items[i]))
            heads[count++].key = tags.items[i];
    rc = judge_tags(removal, heads, count, &sharing, err);
    if (!rc)
        rc = refuse_shared(removal, &sharing, err);
    buf_release(&sharing.names);
    return rc;
}

/* Finds the digest of the reference by HEAD or, when the answer does not name it, from the
 * bytes. */
static int find_digest(struct removal *removal, struct err *err)
{
    AUTO(registry_manifest_release) struct registry_manifest manifest = {0};
    struct manifest_head head = {.key = ref_manifest_key(removal->ref)};
    int rc = manifest_heads(&removal->repo, &head, 1, err);
    if (!rc)
        rc = err_move(err, &head.err);
    err_release(&head.err);
    removal->digest = removal->ref->digest.text[0] ? removal->ref->digest : head.digest;
    if (rc || removal->digest.text[0])
        return rc;
    rc = registry_get_manifest(removal->repo.registry, removal->ref, &manifest, err);
    removal->digest = manifest.digest;
    return rc;
}

static int delete_key(const struct removal *removal, const char *key, int *status, struct err *err)
{
    const struct repository *repo = &removal->repo;
    AUTO_FREE char *path = mem_printf("/v2/%s/manifests/%s", repo->path, key);
    AUTO_FREE char *what = mem_printf("manifest %s", key);
    const struct client_request request = {repo->registry, repo->host, what, path, repo->scope};
    return client_delete(&request, status, err);
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

/* Is that an answer of registries that cannot remove a tag alone? */
static bool wants_digest(int status)
{
    return status == 400 || status == 404 || status == 405 || status == 501;
}

/* A first try may have removed the tag, and its answer may have been lost: asks for the tag. */
static int ask_if_gone(const struct removal *removal, bool *gone, struct err *err)
{
    bool same = false;
    struct manifest_head head = {.key = removal->ref->tag};
    int rc = manifest_heads(&removal->repo, &head, 1, err);
    if (!rc)
        rc = judge_tag(removal, &head, &same, err);
    err_release(&head.err);
    *gone = !same;
    return rc;
}

static int remove_plain(struct removal *removal, bool *whole, struct err *err)
{
    int rc = find_digest(removal, err);
    if (rc)
        return rc;
    if (!removal->ref->digest.text[0]) {
        int status = 0;
        rc = delete_key(removal, removal->ref->tag, &status, err);
        if (!rc || !wants_digest(status))
            return rc;
        err_release(err);
        bool gone = false;
        rc = status == 404 ? ask_if_gone(removal, &gone, err) : 0;
        if (rc || gone)
            return rc;
    }
    rc = removal->force ? 0 : check_other_tags(removal, err);
    *whole = true;
    return rc ? rc : delete_manifest(removal, err);
}

/*
 * Finds the artifact by Harbor's API, which tells the digest and the other tags. An account that
 * may remove tags may lack the right to read artifacts. Then HEAD tells the digest; when HEAD is
 * refused too, the tag is removed without knowing the digest.
 */
static int find_in_harbor(struct removal *removal, struct harbor_artifact *artifact,
                          struct err *err)
{
    const struct ref *ref = removal->ref;
    int rc = harbor_artifact(&removal->repo, ref_manifest_key(ref), artifact, err);
    removal->digest = rc ? ref->digest : artifact->digest;
    if (rc && rc != ERR_DENIED)
        return rc;
    if (rc && ref->digest.text[0] && !removal->force)
        return err_set(err, rc,
                       "%s: which tags are of the image is not known: --force removes it without "
                       "looking",
                       err_text(err));
    err_release(err);
    if (!rc || ref->digest.text[0])
        return 0;
    rc = find_digest(removal, err);
    if (rc != ERR_DENIED)
        return rc;
    err_release(err);
    return 0;
}

static int remove_from_harbor(struct removal *removal, bool *whole, struct err *err)
{
    AUTO(harbor_artifact_release) struct harbor_artifact artifact = {0};
    const struct ref *ref = removal->ref;
    int rc = find_in_harbor(removal, &artifact, err);
    if (rc)
        return rc;
    if (!ref->digest.text[0])
        return harbor_remove_tag(&removal->repo,
                                 removal->digest.text[0] ? removal->digest.text : ref->tag,
                                 ref->tag, err);
    struct sharing sharing = {.names = BUF_INIT(TAGS_NAMED * (REF_TAG_MAX + 2))};
    for (size_t i = 0; i < artifact.tags.count; i++)
        if (!is_own_tag(removal, artifact.tags.items[i]))
            note_sharing(&sharing, artifact.tags.items[i]);
    rc = removal->force ? 0 : refuse_shared(removal, &sharing, err);
    buf_release(&sharing.names);
    *whole = true;
    return rc ? rc : harbor_remove_artifact(&removal->repo, &ref->digest, err);
}

int registry_remove(struct registry *registry, const struct ref *ref, bool force,
                    struct registry_removal *out, struct err *err)
{
    struct removal removal = {.ref = ref, .force = force};
    bool harbor = false;
    bool whole = false;
    repository_init(&removal.repo, registry, ref, "pull,delete");
    int rc = harbor_detect(registry, removal.repo.host, &harbor, err);
    if (!rc)
        rc = harbor ? remove_from_harbor(&removal, &whole, err)
                    : remove_plain(&removal, &whole, err);
    repository_release(&removal.repo);
    if (rc)
        return rc;
    *out = (struct registry_removal){removal.digest, whole};
    return 0;
}
