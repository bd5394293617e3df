#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/manifest.h"
#include "image/media_type.h"
#include "registry/client.h"

#define ACCEPT                                                                                     \
    "Accept: " MEDIA_OCI_MANIFEST ", " MEDIA_OCI_INDEX ", " MEDIA_DOCKER_MANIFEST                  \
    ", " MEDIA_DOCKER_LIST

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
    /* Many registries say it wrongly: a hint, no reason to refuse. */
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

static int get_manifest(const struct repository *repo, const struct ref *ref,
                        struct registry_manifest *out, struct err *err)
{
    const char *key = ref_manifest_key(ref);
    AUTO_FREE char *what = mem_printf("manifest %s", key);
    AUTO_FREE char *path = mem_printf("/v2/%s/manifests/%s", repo->path, key);
    struct buf data AUTO(buf_release) = BUF_INIT(MANIFEST_MAX);
    struct body_sink sink AUTO(body_sink_release) = {.fd = -1, .data = &data, .size = -1};
    struct call call AUTO(call_release) = {
        .method = "GET",
        .what = what,
        .host = repo->host,
        .path = path,
        .scope = repo->scope,
        .headers = {ACCEPT},
        .sink = &sink,
        .follow = true,
    };
    struct digest digest;
    int rc = transport_run(&repo->registry->transport, &call, 1, err);
    if (!rc)
        rc = digest_of(buf_text(&data), data.len, &digest, err);
    if (!rc)
        rc = check_manifest(repo, &call, ref, &digest, err);
    if (rc)
        return rc;
    size_t len = data.len;
    *out = (struct registry_manifest){
        .data = buf_steal(&data),
        .len = len,
        .media_type = bare_media_type(call.response.content_type),
        .digest = digest,
    };
    return 0;
}

int registry_get_manifest(struct registry *registry, const struct ref *ref,
                          struct registry_manifest *out, struct err *err)
{
    struct err problem AUTO(err_release) = ERR_INIT;
    struct repository repo AUTO(repository_release) = {0};
    repository_init(&repo, registry, ref, "pull");
    int rc = get_manifest(&repo, ref, out, &problem);
    return rc ? err_set(err, rc, "%s", err_text(&problem)) : 0;
}

/* One blob that is fetched; its call is in an array beside it. */
struct fetch {
    char *what;
    char *path;
    struct body_sink sink;
};

static void prepare(const struct repository *repo, const struct registry_sink *to,
                    struct fetch *fetch, struct call *call)
{
    const struct descriptor *descriptor = to->descriptor;
    *fetch = (struct fetch){
        .what = mem_printf("blob %s", descriptor->digest.text),
        .path = mem_printf("/v2/%s/blobs/%s", repo->path, descriptor->digest.text),
        .sink = {.fd = to->fd,
                 .data = to->data,
                 .size = descriptor->size,
                 .expected = &descriptor->digest},
    };
    *call = (struct call){
        .method = "GET",
        .what = fetch->what,
        .host = repo->host,
        .path = fetch->path,
        .scope = repo->scope,
        .sink = &fetch->sink,
        .follow = true,
    };
}

int registry_get_blobs(struct registry *registry, const struct ref *ref,
                       const struct registry_sink *sinks, size_t count, struct err *err)
{
    struct err problem AUTO(err_release) = ERR_INIT;
    struct repository repo AUTO(repository_release) = {0};
    AUTO_FREE struct call *calls = mem_zero(count, sizeof(*calls));
    AUTO_FREE struct fetch *fetches = mem_zero(count, sizeof(*fetches));
    repository_init(&repo, registry, ref, "pull");
    for (size_t i = 0; i < count; i++)
        prepare(&repo, &sinks[i], &fetches[i], &calls[i]);
    int rc = transport_run(&registry->transport, calls, count, &problem);
    for (size_t i = 0; i < count; i++) {
        call_release(&calls[i]);
        body_sink_release(&fetches[i].sink);
        free(fetches[i].what);
        free(fetches[i].path);
    }
    return rc ? err_set(err, rc, "%s", err_text(&problem)) : 0;
}
