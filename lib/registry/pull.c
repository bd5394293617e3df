/* Fetches manifests and blobs, for registry.h. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/manifest.h"
#include "registry/calls.h"
#include "registry/client.h"
#include "registry/manifest_head.h"

void registry_manifest_release(struct registry_manifest *manifest)
{
    free(manifest->data);
    free(manifest->media_type);
    *manifest = (struct registry_manifest){0};
}

static int check_manifest(const struct repository *repo, const struct call *call,
                          const struct ref *ref, const struct digest *found, struct err *err)
{
    const char *hint = call->response.content_digest;
    if (ref->digest.text[0] && !digest_equal(found, &ref->digest))
        return err_set(err, ERR_DAMAGED, "GET %s: its bytes hash to %s", call->what, found->text);
    /* Many registries name a wrong digest: the field is a hint, and no reason to refuse. */
    if (hint && strcmp(hint, found->text) != 0)
        notice_say(repo->registry->transport.options->notice, NOTICE_WARNING,
                   "%s: %s names another digest than that of the bytes, %s", call->what,
                   repo->host->name, found->text);
    return 0;
}

static char *bare_media_type(const char *content_type)
{
    size_t len = content_type ? strcspn(content_type, "; \t") : 0;
    return mem_dup_n(len ? content_type : "", len);
}

/* A manifest or blob while it is fetched; its call is in an array of its own. */
struct fetch {
    struct repository repo;
    char *what;
    char *path;
    struct buf data; /* the bytes of a manifest */
    struct body_sink sink;
    struct registry_sink *to; /* lent; the destination of a blob */
};

static void fetch_release(struct fetch *fetch, struct call *call)
{
    call_release(call);
    repository_release(&fetch->repo);
    body_sink_release(&fetch->sink);
    buf_release(&fetch->data);
    free(fetch->what);
    free(fetch->path);
}

static void prepare_call(struct fetch *fetch, struct call *call)
{
    *call = (struct call){
        .method = "GET",
        .what = fetch->what,
        .host = fetch->repo.host,
        .path = fetch->path,
        .scope = fetch->repo.scope,
        .sink = &fetch->sink,
        .follow = true,
        .apart = true,
    };
}

static void prepare_manifest(struct registry *registry, const struct ref *ref, struct fetch *fetch,
                             struct call *call)
{
    const char *key = ref_manifest_key(ref);
    *fetch = (struct fetch){
        .what = mem_printf("manifest %s", key),
        .path = mem_printf("/v2/%s/manifests/%s", ref->repository, key),
        .data = BUF_INIT(MANIFEST_MAX),
        .sink = {.fd = -1, .data = &fetch->data, .size = -1},
    };
    repository_init(&fetch->repo, registry, ref, "pull");
    prepare_call(fetch, call);
    call->headers[0] = MANIFEST_ACCEPT;
}

static int take_manifest(struct fetch *fetch, struct call *call, const struct ref *ref,
                         struct registry_manifest *out, struct err *err)
{
    struct digest digest;
    if (call->rc)
        return err_move(err, &call->err);
    int rc = digest_of(buf_text(&fetch->data), fetch->data.len, &digest, err);
    if (!rc)
        rc = check_manifest(&fetch->repo, call, ref, &digest, err);
    if (rc)
        return rc;
    size_t len = fetch->data.len;
    *out = (struct registry_manifest){
        .data = buf_steal(&fetch->data),
        .len = len,
        .media_type = bare_media_type(call->response.content_type),
        .digest = digest,
    };
    return 0;
}

int registry_get_manifests(struct registry *registry, struct registry_manifest_request *requests,
                           size_t count, struct err *err)
{
    AUTO_FREE struct call *calls = mem_zero(count, sizeof(*calls));
    AUTO_FREE struct fetch *fetches = mem_zero(count, sizeof(*fetches));
    for (size_t i = 0; i < count; i++)
        prepare_manifest(registry, requests[i].ref, &fetches[i], &calls[i]);
    int rc = calls_run(&registry->transport, calls, count, err);
    for (size_t i = 0; i < count; i++) {
        struct registry_manifest_request *to = &requests[i];
        if (!rc)
            to->rc = take_manifest(&fetches[i], &calls[i], to->ref, &to->manifest, &to->err);
        fetch_release(&fetches[i], &calls[i]);
    }
    return rc;
}

int registry_get_manifest(struct registry *registry, const struct ref *ref,
                          struct registry_manifest *out, struct err *err)
{
    struct registry_manifest_request request = {.ref = ref};
    int rc = registry_get_manifests(registry, &request, 1, err);
    if (!rc)
        rc = err_move(err, &request.err);
    if (!rc)
        *out = request.manifest;
    return rc;
}

static void blob_done(void *arg, struct call *call)
{
    struct registry_sink *to = ((struct fetch *)arg)->to;
    to->rc = err_move(&to->err, &call->err);
    if (to->done)
        to->done(to->done_arg, to);
}

static void prepare_blob(struct registry *registry, struct registry_sink *to, struct fetch *fetch,
                         struct call *call)
{
    const struct descriptor *descriptor = to->descriptor;
    *fetch = (struct fetch){
        .what = mem_printf("blob %s", descriptor->digest.text),
        .path = mem_printf("/v2/%s/blobs/%s", to->ref->repository, descriptor->digest.text),
        .sink = {.fd = to->fd,
                 .data = to->data,
                 .have = to->have,
                 .size = descriptor->size,
                 .expected = &descriptor->digest},
        .to = to,
    };
    repository_init(&fetch->repo, registry, to->ref, "pull");
    prepare_call(fetch, call);
    call->done = blob_done;
    call->done_arg = fetch;
}

int registry_get_blobs(struct registry *registry, struct registry_sink *sinks, size_t count,
                       struct err *err)
{
    AUTO_FREE struct call *calls = mem_zero(count, sizeof(*calls));
    AUTO_FREE struct fetch *fetches = mem_zero(count, sizeof(*fetches));
    for (size_t i = 0; i < count; i++)
        prepare_blob(registry, &sinks[i], &fetches[i], &calls[i]);
    int rc = calls_run(&registry->transport, calls, count, err);
    for (size_t i = 0; i < count; i++) {
        if (calls[i].state != CALL_OVER) /* all was given up */
            sinks[i].rc = rc;
        else if (!sinks[i].rc)
            client_note(&fetches[i].repo, &sinks[i].descriptor->digest);
        fetch_release(&fetches[i], &calls[i]);
    }
    return rc;
}
