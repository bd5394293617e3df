#include "registry/blob.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "registry/url.h"

/* A blob on its way; the calls of a round are in an array beside it. */
struct upload {
    const struct registry_blob *blob;
    char *what; /* owned: "blob sha256:…" */
    struct body_source source;
    bool there;
};

struct uploads {
    const struct repository *repo;
    struct upload *items; /* owned */
    size_t count;
    char *start_path; /* owned: what POST goes to */
};

static void uploads_release(struct uploads *uploads)
{
    for (size_t i = 0; i < uploads->count; i++) {
        free(uploads->items[i].what);
        body_source_release(&uploads->items[i].source);
    }
    free(uploads->items);
    free(uploads->start_path);
}

static bool is_listed(const struct uploads *uploads, const struct digest *digest)
{
    for (size_t i = 0; i < uploads->count; i++)
        if (digest_equal(&uploads->items[i].blob->descriptor->digest, digest))
            return true;
    return false;
}

static void add_upload(struct uploads *uploads, const struct registry_blob *blob)
{
    const struct descriptor *descriptor = blob->descriptor;
    uploads->items[uploads->count++] = (struct upload){
        .blob = blob,
        .what = mem_printf("blob %s", descriptor->digest.text),
        .source = {.data = blob->data,
                   .fd = blob->fd,
                   .size = descriptor->size,
                   .expected = &descriptor->digest},
    };
}

/* The calls of one round: one for each upload that is not there yet. */
struct round {
    struct call *calls;      /* owned */
    struct upload **uploads; /* of each call; owned */
    char **paths;            /* of each call or NULL; owned */
    size_t count;
};

static void round_release(struct round *round)
{
    for (size_t i = 0; i < round->count; i++) {
        call_release(&round->calls[i]);
        free(round->paths[i]);
    }
    free(round->calls);
    free(round->uploads);
    free(round->paths);
}

static void round_init(struct round *round, struct uploads *uploads, const char *method)
{
    *round = (struct round){
        .calls = mem_zero(uploads->count + 1, sizeof(*round->calls)), /* one more: see beside */
        .uploads = mem_zero(uploads->count, sizeof(struct upload *)),
        .paths = mem_zero(uploads->count, sizeof(char *)),
    };
    for (size_t i = 0; i < uploads->count; i++) {
        struct upload *upload = &uploads->items[i];
        if (upload->there)
            continue;
        round->uploads[round->count] = upload;
        round->calls[round->count++] = (struct call){
            .method = method,
            .what = upload->what,
            .host = uploads->repo->host,
            .scope = uploads->repo->scope,
        };
    }
}

static int run(const struct uploads *uploads, struct round *round, struct err *err)
{
    return transport_run(&uploads->repo->registry->transport, round->calls, round->count, err);
}

/* A HEAD that is refused decides nothing: the POST that follows has words for it. `beside` takes
 * part, at the end of the round. */
static int find_present(struct uploads *uploads, struct call *beside, struct err *err)
{
    struct round round AUTO(round_release);
    round_init(&round, uploads, "HEAD");
    for (size_t i = 0; i < round.count; i++) {
        round.paths[i] = mem_printf("/v2/%s/blobs/%s", uploads->repo->path,
                                    round.uploads[i]->blob->descriptor->digest.text);
        round.calls[i].path = round.paths[i];
        round.calls[i].follow = true;
        round.calls[i].tolerant = true;
        round.calls[i].apart = true;
    }
    size_t heads = round.count;
    if (beside)
        round.calls[round.count++] = *beside;
    int rc = run(uploads, &round, err);
    if (beside)
        *beside = round.calls[--round.count];
    for (size_t i = 0; !rc && i < heads; i++)
        round.uploads[i]->there = !round.calls[i].rc && round.calls[i].response.status == 200;
    return rc;
}

static int begin_uploads(struct uploads *uploads, struct round *round, struct err *err)
{
    round_init(round, uploads, "POST");
    for (size_t i = 0; i < round->count; i++) {
        round->calls[i].path = uploads->start_path;
        round->calls[i].headers[0] = "Content-Type: application/octet-stream";
    }
    return run(uploads, round, err);
}

/* The upload's address, which may be relative and have a query, with the digest added. */
static int upload_url(const struct call *post, const struct upload *upload, char **out,
                      struct err *err)
{
    AUTO_FREE char *url = NULL;
    if (!post->response.location)
        return err_set(err, ERR_DAMAGED, "POST %s: the registry names no address to send it to",
                       post->what);
    int rc = url_join(post->url, post->response.location, &url, err);
    if (rc)
        return err_wrap(err, "POST %s", post->what);
    if (strncmp(post->url, "https:", 6) == 0 && strncmp(url, "https:", 6) != 0)
        return err_set(err, ERR_FAILED,
                       "POST %s: %s wants the bytes over plain http, which is refused: the proxy "
                       "before it may not pass X-Forwarded-Proto on",
                       post->what, post->host->address);
    *out = mem_printf("%s%cdigest=%s", url, strchr(url, '?') ? '&' : '?',
                      upload->blob->descriptor->digest.text);
    return 0;
}

static int send_bodies(struct uploads *uploads, const struct round *posts, struct round *puts,
                       struct err *err)
{
    round_init(puts, uploads, "PUT");
    for (size_t i = 0; i < puts->count; i++) {
        struct call *call = &puts->calls[i];
        call->headers[0] = "Content-Type: application/octet-stream";
        call->source = &puts->uploads[i]->source;
        call->once = true;
        int rc = upload_url(&posts->calls[i], puts->uploads[i], &call->url, err);
        if (rc)
            return rc;
    }
    return run(uploads, puts, err);
}

/* What the round left undone: the longest of the pauses before it is tried again, 0 when nothing
 * is, or an error when no try is left. */
static int plan_retry(struct uploads *uploads, const struct round *puts, int attempt,
                      int64_t *pause, struct err *err)
{
    *pause = 0;
    for (size_t i = 0; i < puts->count; i++) {
        const struct call *call = &puts->calls[i];
        if (!call->rc) {
            puts->uploads[i]->there = true;
            continue;
        }
        int64_t own =
            transport_retry_pause(&uploads->repo->registry->transport, call, attempt, &call->err);
        if (own < 0)
            return err_set(err, call->rc, "%s", err_text(&call->err));
        *pause = own >= *pause ? own + 1 : *pause;
    }
    return 0;
}

static int send_once(struct uploads *uploads, int attempt, int64_t *pause, struct err *err)
{
    struct round posts AUTO(round_release) = {0};
    struct round puts AUTO(round_release) = {0};
    int rc = begin_uploads(uploads, &posts, err);
    if (!rc)
        rc = send_bodies(uploads, &posts, &puts, err);
    return rc ? rc : plan_retry(uploads, &puts, attempt, pause, err);
}

static int send_missing(struct uploads *uploads, struct err *err)
{
    bool missing = false;
    for (size_t i = 0; i < uploads->count; i++)
        missing |= !uploads->items[i].there;
    for (int attempt = 0; missing; attempt++) {
        int64_t pause = 0;
        int rc = send_once(uploads, attempt, &pause, err);
        if (!rc && pause)
            rc = transport_pause(&uploads->repo->registry->transport, pause, err);
        if (rc)
            return rc;
        missing = pause > 0;
    }
    return 0;
}

int blob_push_all(const struct repository *repo, const struct registry_blob *blobs, size_t count,
                  struct call *beside, struct err *err)
{
    struct uploads uploads AUTO(uploads_release) = {
        .repo = repo,
        .items = mem_zero(count, sizeof(*uploads.items)),
        .start_path = mem_printf("/v2/%s/blobs/uploads/", repo->path),
    };
    for (size_t i = 0; i < count; i++) {
        const struct digest *digest = &blobs[i].descriptor->digest;
        if (!is_listed(&uploads, digest) && !client_knows(repo, digest))
            add_upload(&uploads, &blobs[i]);
    }
    int rc = uploads.count || beside ? find_present(&uploads, beside, err) : 0;
    if (!rc)
        rc = send_missing(&uploads, err);
    for (size_t i = 0; !rc && i < uploads.count; i++)
        client_learn(repo, &uploads.items[i].blob->descriptor->digest);
    return rc;
}
