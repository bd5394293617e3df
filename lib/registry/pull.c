/* Fetches manifests and blobs, for registry.h. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/manifest.h"
#include "registry/calls.h"
#include "registry/client.h"
#include "registry/manifest_head.h"

void registry_wants_add(struct registry_wants *wants, struct registry_want *want)
{
    wants->items = mem_resize(wants->items, wants->count + 1, sizeof(struct registry_want *));
    wants->items[wants->count++] = want;
}

void registry_wants_release(struct registry_wants *wants)
{
    free(wants->items);
    *wants = (struct registry_wants){0};
}

void registry_manifest_release(struct registry_manifest *manifest)
{
    free(manifest->data);
    free(manifest->media_type);
    free(manifest->content_type);
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

struct fetching;

/* A want while it is fetched. */
struct fetch {
    struct fetching *all;
    struct registry_want *want; /* lent */
    struct call call;
    struct repository repo;
    char *what;
    char *path;
    char *condition; /* the If-None-Match line of a manifest that is known; or NULL */
    struct buf data; /* the bytes of a manifest */
    struct body_sink sink;
};

/* All wants; those after the first `begun` have no call yet. */
struct fetching {
    struct registry *registry;
    struct registry_wants *wants; /* lent */
    size_t begun;
    struct fetch **fetches; /* each owned */
    size_t count;
    struct calls calls;
};

static void fetch_free(struct fetch *fetch)
{
    call_release(&fetch->call);
    repository_release(&fetch->repo);
    body_sink_release(&fetch->sink);
    buf_release(&fetch->data);
    free(fetch->what);
    free(fetch->path);
    free(fetch->condition);
    free(fetch);
}

static void fetching_release(struct fetching *fetching)
{
    for (size_t i = 0; i < fetching->count; i++)
        fetch_free(fetching->fetches[i]);
    free(fetching->fetches);
    calls_release(&fetching->calls);
}

/* Is the text of an ETag ("sha256:…", also weak or without quotes) the digest? */
static bool is_tag_of(const char *etag, const struct digest *digest)
{
    size_t len = strlen(digest->text);
    etag += strncmp(etag, "W/", 2) == 0 ? 2 : 0;
    etag += *etag == '"';
    return strncmp(etag, digest->text, len) == 0 && (!etag[len] || strcmp(etag + len, "\"") == 0);
}

/* Whether a 304 is about the manifest that was asked about, as far as its fields say. */
static bool is_about(const struct response *response, const struct digest *known)
{
    return (!response->etag || is_tag_of(response->etag, known)) &&
           (!response->content_digest || strcmp(response->content_digest, known->text) == 0);
}

static int take_manifest(struct fetch *fetch, struct err *err)
{
    struct registry_want *want = fetch->want;
    struct call *call = &fetch->call;
    struct digest digest;
    if (call->rc)
        return err_move(err, &call->err);
    want->unchanged = call->response.status == 304;
    if (want->unchanged)
        return 0;
    digest_of(buf_text(&fetch->data), fetch->data.len, &digest);
    int rc = check_manifest(&fetch->repo, call, want->ref, &digest, err);
    if (rc)
        return rc;
    size_t len = fetch->data.len;
    want->manifest = (struct registry_manifest){
        .data = buf_steal(&fetch->data),
        .len = len,
        .media_type = bare_media_type(call->response.content_type),
        .content_type = mem_dup(call->response.content_type ? call->response.content_type : ""),
        .digest = digest,
    };
    return 0;
}

static void begin_fetch(struct fetching *fetching, struct registry_want *want, bool conditional);
static void begin_new(struct fetching *fetching);

static void fetch_done(void *arg, struct call *call)
{
    struct fetch *fetch = arg;
    struct registry_want *want = fetch->want;
    if (!call->rc && call->response.status == 304 && !is_about(&call->response, want->known)) {
        notice_say(fetch->repo.registry->transport.options->notice, NOTICE_DEBUG,
                   "GET %s: 304 came with another ETag: asking again", call->what);
        begin_fetch(fetch->all, want, false);
        return;
    }
    want->rc = want->blob ? err_move(&want->err, &call->err) : take_manifest(fetch, &want->err);
    if (!want->rc && want->blob)
        client_note(&fetch->repo, &want->blob->digest);
    if (want->done)
        want->done(want->done_arg, want);
    begin_new(fetch->all);
}

static void prepare_manifest(struct fetch *fetch, bool conditional)
{
    const struct ref *ref = fetch->want->ref;
    const struct digest *known = conditional ? fetch->want->known : NULL;
    const char *key = ref_manifest_key(ref);
    fetch->what = mem_printf("manifest %s", key);
    fetch->path = mem_printf("/v2/%s/manifests/%s", ref->repository, key);
    fetch->condition = known ? mem_printf("If-None-Match: \"%s\"", known->text) : NULL;
    buf_init(&fetch->data, MANIFEST_MAX);
    fetch->sink = (struct body_sink){.fd = -1, .data = &fetch->data, .size = -1};
}

static void prepare_blob(struct fetch *fetch)
{
    const struct registry_want *want = fetch->want;
    const struct descriptor *blob = want->blob;
    fetch->what = mem_printf("blob %s", blob->digest.text);
    fetch->path = mem_printf("/v2/%s/blobs/%s", want->ref->repository, blob->digest.text);
    fetch->sink = (struct body_sink){.fd = want->fd,
                                     .data = want->data,
                                     .have = want->have,
                                     .size = blob->size,
                                     .expected = &blob->digest};
}

/* `conditional`: a manifest that is known need not come. */
static void begin_fetch(struct fetching *fetching, struct registry_want *want, bool conditional)
{
    struct fetch *fetch = mem_zero(1, sizeof(*fetch));
    fetch->all = fetching;
    fetch->want = want;
    if (want->blob)
        prepare_blob(fetch);
    else
        prepare_manifest(fetch, conditional);
    repository_init(&fetch->repo, fetching->registry, want->ref, "pull");
    fetch->call = (struct call){
        .method = "GET",
        .what = fetch->what,
        .host = fetch->repo.host,
        .path = fetch->path,
        .scope = fetch->repo.scope,
        .headers = {want->blob ? NULL : MANIFEST_ACCEPT, fetch->condition},
        .conditional = fetch->condition != NULL,
        .sink = &fetch->sink,
        .follow = true,
        .apart = true,
        .done = fetch_done,
        .done_arg = fetch,
    };
    fetching->fetches = mem_resize(fetching->fetches, fetching->count + 1, sizeof(struct fetch *));
    fetching->fetches[fetching->count++] = fetch;
    calls_add(&fetching->calls, &fetch->call);
}

/* Makes calls for the wants that have none. */
static void begin_new(struct fetching *fetching)
{
    while (fetching->begun < fetching->wants->count)
        begin_fetch(fetching, fetching->wants->items[fetching->begun++], true);
}

int registry_fetch(struct registry *registry, struct registry_wants *wants, struct err *err)
{
    AUTO(fetching_release) struct fetching fetching = {.registry = registry, .wants = wants};
    calls_begin(&fetching.calls, &registry->transport);
    begin_new(&fetching);
    int rc = calls_finish(&fetching.calls, err);
    for (size_t i = 0; i < fetching.count; i++)
        if (fetching.fetches[i]->call.state != CALL_OVER) /* all was given up */
            fetching.fetches[i]->want->rc = rc;
    return rc;
}

int registry_fetch_all(struct registry *registry, struct registry_want *wants, size_t count,
                       struct err *err)
{
    AUTO(registry_wants_release) struct registry_wants list = {0};
    for (size_t i = 0; i < count; i++)
        registry_wants_add(&list, &wants[i]);
    return registry_fetch(registry, &list, err);
}

int registry_get_manifest(struct registry *registry, const struct ref *ref,
                          struct registry_manifest *out, struct err *err)
{
    struct registry_want want = {.ref = ref};
    int rc = registry_fetch_all(registry, &want, 1, err);
    if (!rc)
        rc = err_move(err, &want.err);
    if (!rc)
        *out = want.manifest;
    return rc;
}
