#include "registry/blob.h"

#include <stdlib.h>

#include "base/mem.h"
#include "registry/pass.h"
#include "registry/upload.h"

static void uploads_release(struct uploads *all)
{
    for (size_t i = 0; i < all->count; i++)
        upload_free(all->items[i]);
    free(all->items);
    free(all->start_path);
}

bool blob_seen_all(const struct repository *repo, const struct bundle *bundle)
{
    for (size_t i = 0; i < bundle->blob_count; i++)
        if (!client_seen(repo, &bundle->blobs[i].descriptor->digest))
            return false;
    return true;
}

static bool is_listed(const struct uploads *all, const struct digest *digest)
{
    for (size_t i = 0; i < all->count; i++)
        if (digest_equal(&all->items[i]->blob->descriptor->digest, digest))
            return true;
    return false;
}

static void list(struct uploads *all)
{
    const struct bundle *bundle = all->bundle;
    all->items = mem_zero(bundle->blob_count, sizeof(struct upload *));
    for (size_t i = 0; i < bundle->blob_count; i++) {
        const struct digest *digest = &bundle->blobs[i].descriptor->digest;
        if (!is_listed(all, digest) && !client_knows(all->repo, digest))
            all->items[all->count++] = upload_new(all, &bundle->blobs[i]);
    }
}

/* Connections for the uploads that are probably to come are opened while the questions are asked:
 * a TCP connection and TLS take as long as two answers. */
struct warming {
    struct call *calls; /* owned */
    size_t count;
};

static void warming_release(struct warming *warming)
{
    for (size_t i = 0; i < warming->count; i++)
        call_release(&warming->calls[i]);
    free(warming->calls);
}

static size_t count_large(const struct uploads *all)
{
    size_t large = 0;
    for (size_t i = 0; i < all->count; i++) {
        const struct descriptor *descriptor = all->items[i]->blob->descriptor;
        large +=
            descriptor->size > UPLOAD_SHARED_MAX && !client_seen(all->repo, &descriptor->digest);
    }
    return large;
}

/* The request has no login, so that no password is tried by more than one request. */
static void warm(const struct uploads *all, struct warming *warming)
{
    struct host *host = all->repo->host;
    size_t most = calls_parallel(all->calls->transport);
    size_t wanted = count_large(all);
    wanted = wanted < most ? wanted : most;
    *warming = (struct warming){.calls = mem_zero(most, sizeof(struct call))};
    for (; !host->http && host->warm < wanted; host->warm++) {
        struct call *call = &warming->calls[warming->count++];
        *call = (struct call){
            .method = "GET", .what = "/v2/", .host = host, .path = "/v2/", .warms = true};
        call->tolerant = call->apart = call->one_try = true;
        calls_add(all->calls, call);
    }
}

int blob_push_all(const struct repository *repo, const struct bundle *bundle, struct calls *calls,
                  size_t *sent, struct err *err)
{
    struct warming warming AUTO(warming_release) = {0};
    struct uploads all AUTO(uploads_release) = {
        .repo = repo,
        .bundle = bundle,
        .calls = calls,
        .waits = bundle->origin != NULL,
        .start_path = mem_printf("/v2/%s/blobs/uploads/", repo->path),
    };
    list(&all);
    all.eager = pass_fits(&all);
    warm(&all, &warming);
    for (size_t i = 0; i < all.count; i++)
        upload_begin(all.items[i]);
    int rc = calls_finish(calls, err);
    *sent = 0;
    for (size_t i = 0; i < all.count; i++)
        *sent += all.items[i]->lacked;
    for (size_t i = 0; !rc && i < all.count; i++)
        client_learn(repo, &all.items[i]->blob->descriptor->digest);
    return rc;
}
