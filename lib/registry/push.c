/* Sends an image, for registry.h. */
#include <string.h>

#include "base/mem.h"
#include "image/manifest.h"
#include "registry/blob.h"
#include "registry/calls.h"
#include "registry/client.h"
#include "registry/manifest_head.h"

/* Warns when the registry names another digest; the digest of the bytes that were sent is known. */
static void check_hint(const struct repository *repo, const struct call *call,
                       const struct digest *digest)
{
    const char *hint = call->response.content_digest;
    if (hint && strcmp(hint, digest->text) != 0)
        notice_say(repo->registry->transport.options->notice, NOTICE_WARNING,
                   "%s: %s names another digest than the one that was sent, %s", call->what,
                   repo->host->name, digest->text);
}

/* A push while it is made. */
struct push {
    struct repository repo;
    const struct ref *ref;
    const struct bundle *bundle;
    const char *key; /* the tag, or the digest; lent */
    bool absent;     /* the registry said that it has not this manifest under that name */
    char *what;      /* of the manifest; owned, as `path` */
    char *path;
};

static void push_release(struct push *push)
{
    repository_release(&push->repo);
    free(push->what);
    free(push->path);
}

static int push_init(struct push *push, struct err *err)
{
    const struct ref *ref = push->ref;
    const struct bundle *bundle = push->bundle;
    if (bundle->manifest_len > MANIFEST_MAX)
        return err_set(err, ERR_FAILED, "the manifest has %zu bytes: registries take %d at most",
                       bundle->manifest_len, MANIFEST_MAX);
    if (ref->digest.text[0] && !digest_equal(&ref->digest, &bundle->digest))
        return err_set(err, ERR_DAMAGED, "the manifest hashes to %s, not to the reference's %s",
                       bundle->digest.text, ref->digest.text);
    push->key = ref->tag ? ref->tag : ref->digest.text;
    push->what = mem_printf("manifest %s", push->key);
    push->path = mem_printf("/v2/%s/manifests/%s", push->repo.path, push->key);
    return 0;
}

static struct manifest_head question_of(const struct push *push)
{
    return (struct manifest_head){.key = push->key, .one_try = true};
}

/* Has the registry the same manifest under that name, so that nothing is to be done? A failure
 * counts as no. */
static bool is_same(const struct push *push, struct manifest_head *head)
{
    bool said = !head->rc;
    err_release(&head->err);
    return said && digest_equal(&head->digest, &push->bundle->digest);
}

static bool ask_if_there(const struct push *push)
{
    struct manifest_head head = question_of(push);
    return manifest_heads(&push->repo, &head, 1, ERR_IGNORED) == 0 && is_same(push, &head);
}

static int send_manifest(const struct push *push, struct call *call, struct err *err)
{
    AUTO_FREE char *type = mem_printf("Content-Type: %s", push->bundle->media_type);
    struct body_source source AUTO(body_source_release) = {
        .data = push->bundle->manifest, .fd = -1, .size = (long long)push->bundle->manifest_len};
    *call = (struct call){
        .method = "PUT",
        .what = push->what,
        .host = push->repo.host,
        .path = push->path,
        .scope = push->repo.scope,
        .headers = {type},
        .source = &source,
        .follow = true,
    };
    int rc = calls_run(&push->repo.registry->transport, call, 1, err);
    /* The answer named neither an address nor a digest; the push counts when the image is there. */
    if (rc == ERR_UNSUPPORTED && call->response.status == 201 && ask_if_there(push)) {
        err_release(err);
        rc = 0;
    }
    if (!rc)
        check_hint(&push->repo, call, &push->bundle->digest);
    return rc;
}

/* Sends the blobs that the registry lacks. When it probably lacks none, the manifest is asked for
 * at the same time, and otherwise once nothing had to be sent. */
static int send_blobs(const struct push *push, bool *unchanged, struct err *err)
{
    struct calls calls AUTO(calls_release) = {0};
    struct manifest_head head = question_of(push);
    bool early = !push->absent && blob_seen_all(&push->repo, push->bundle);
    size_t sent = 0;
    calls_begin(&calls, &push->repo.registry->transport);
    if (early)
        manifest_head_add(&push->repo, &head, &calls);
    int rc = blob_push_all(&push->repo, push->bundle, &calls, &sent, err);
    if (early)
        manifest_head_take(&head);
    bool same = early && is_same(push, &head);
    *unchanged = !rc && !sent && !push->absent && (early ? same : ask_if_there(push));
    return rc;
}

/* Sends blobs and manifest. A registry may lose a blob that several pushes send at the same time,
 * and somebody may remove a blob that this run has sent before: then all blobs are sent again,
 * once. */
static int send_all(struct push *push, bool *unchanged, struct err *err)
{
    struct registry *registry = push->repo.registry;
    for (int again = 0;; again++) {
        struct call call AUTO(call_release) = {0};
        int rc = send_blobs(push, unchanged, err);
        *unchanged = *unchanged && !again;
        if (rc || *unchanged)
            return rc;
        rc = send_manifest(push, &call, err);
        if (rc != ERR_FAILED || again || !strstr(buf_text(&call.response.refusal), "BLOB_UNKNOWN"))
            return rc;
        notice_say(registry->transport.options->notice, NOTICE_INFO, "%s: sending its blobs again",
                   err_text(err));
        client_forget_all(registry);
    }
}

/* Is it enough to ask for the manifest? What an earlier run has left there under that name had all
 * its blobs: a registry takes no manifest without them. */
static bool is_there_still(struct push *push)
{
    if (!client_seen_image(&push->repo, push->key, &push->bundle->digest))
        return false;
    push->absent = !ask_if_there(push);
    return !push->absent;
}

int registry_push(struct registry *registry, const struct ref *ref, const struct bundle *bundle,
                  bool *unchanged, struct err *err)
{
    struct push push AUTO(push_release) = {.ref = ref, .bundle = bundle};
    *unchanged = false;
    repository_init(&push.repo, registry, ref, "pull,push");
    int rc = push_init(&push, err);
    if (rc)
        return rc;
    *unchanged = is_there_still(&push);
    if (!*unchanged)
        rc = send_all(&push, unchanged, err);
    if (!rc)
        client_note_image(&push.repo, push.key, &bundle->digest);
    return rc;
}
