#include "registry/blob.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "http/url.h"
#include "registry/advice.h"
#include "registry/answer.h"
#include "registry/attempt.h"
#include "registry/call.h"
#include "registry/calls.h"
#include "registry/route.h"

/* A blob and the state of its upload; the calls of a round are in an array of their own. */
struct upload {
    const struct bundle_blob *blob;
    char *what; /* owned: "blob sha256:…" */
    struct body_source source;
    bool there;
    bool mountable;         /* another repository of the registry may have the blob */
    char *session;          /* owned: the address of the upload session; NULL: none yet */
    struct sender senders;  /* the peers that have named that address */
    struct repository from; /* the blob's origin, for a copy; without a `path`: none */
    char *from_path;        /* owned; of the blob in the origin */
    struct body_sink sink;  /* for the bytes from the origin */
};

struct uploads {
    const struct repository *repo;
    const struct bundle *bundle;
    struct upload *items; /* owned */
    size_t count;
    char *start_path; /* owned: the path for POST */
};

static void uploads_release(struct uploads *uploads)
{
    for (size_t i = 0; i < uploads->count; i++) {
        struct upload *upload = &uploads->items[i];
        free(upload->what);
        free(upload->session);
        free(upload->from_path);
        body_source_release(&upload->source);
        body_sink_release(&upload->sink);
        repository_release(&upload->from);
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

/* Prepares a blob that comes from another repository, by a mount or through its file. */
static void set_origin(const struct uploads *uploads, struct upload *upload)
{
    const struct bundle_blob *blob = upload->blob;
    const struct descriptor *descriptor = blob->descriptor;
    repository_init(&upload->from, uploads->repo->registry, uploads->bundle->origin, "pull");
    upload->mountable = upload->from.host == uploads->repo->host;
    upload->from_path = mem_printf("/v2/%s/blobs/%s", upload->from.path, descriptor->digest.text);
    upload->sink = (struct body_sink){
        .fd = blob->fd, .size = descriptor->size, .expected = &descriptor->digest};
    upload->source.ready = &upload->sink.in_file;
}

static void add_upload(struct uploads *uploads, const struct bundle_blob *blob)
{
    const struct descriptor *descriptor = blob->descriptor;
    struct upload *upload = &uploads->items[uploads->count++];
    *upload = (struct upload){
        .blob = blob,
        .what = mem_printf("blob %s", descriptor->digest.text),
        .source = {.data = blob->data,
                   .fd = blob->fd,
                   .size = descriptor->size,
                   .expected = &descriptor->digest},
    };
    if (uploads->bundle->origin)
        set_origin(uploads, upload);
}

/* The calls that run side by side: one or two for each upload that is not there yet. */
struct round {
    struct call *calls;      /* owned */
    struct upload **uploads; /* of each call; owned */
    char **paths;            /* of each call or NULL; owned */
    char **scopes;           /* likewise */
    size_t count;
};

static void round_release(struct round *round)
{
    for (size_t i = 0; i < round->count; i++) {
        call_release(&round->calls[i]);
        free(round->paths[i]);
        free(round->scopes[i]);
    }
    free(round->calls);
    free(round->uploads);
    free(round->paths);
    free(round->scopes);
}

/* Makes room for two calls of each upload: a fetch and a PUT. */
static void round_init(struct round *round, const struct uploads *uploads)
{
    size_t most = 2 * uploads->count;
    *round = (struct round){
        .calls = mem_zero(most, sizeof(*round->calls)),
        .uploads = mem_zero(most, sizeof(struct upload *)),
        .paths = mem_zero(most, sizeof(char *)),
        .scopes = mem_zero(most, sizeof(char *)),
    };
}

static struct call *round_add(struct round *round, const struct uploads *uploads,
                              struct upload *upload, const char *method)
{
    struct call *call = &round->calls[round->count];
    round->uploads[round->count++] = upload;
    *call = (struct call){
        .method = method,
        .what = upload->what,
        .host = uploads->repo->host,
        .scope = uploads->repo->scope,
    };
    return call;
}

static int run(const struct uploads *uploads, struct round *round, struct err *err)
{
    return calls_run(&uploads->repo->registry->transport, round->calls, round->count, err);
}

/* Asks for all blobs by HEAD. When a HEAD is refused or fails transiently, the blob counts as
 * missing: the POST that follows has the further tries, and the words for a refusal. */
static int find_present(struct uploads *uploads, struct err *err)
{
    struct round round AUTO(round_release);
    round_init(&round, uploads);
    for (size_t i = 0; i < uploads->count; i++) {
        struct upload *upload = &uploads->items[i];
        struct call *call = round_add(&round, uploads, upload, "HEAD");
        round.paths[i] = mem_printf("/v2/%s/blobs/%s", uploads->repo->path,
                                    upload->blob->descriptor->digest.text);
        call->path = round.paths[i];
        call->follow = call->tolerant = call->apart = call->one_try = true;
    }
    int rc = run(uploads, &round, err);
    for (size_t i = 0; !rc && i < round.count; i++)
        uploads->items[i].there =
            answer_has_blob(&round.calls[i], uploads->items[i].blob->descriptor);
    return rc;
}

/* Takes the address of the session, which may be relative and have a query, and adds the digest. */
static int begin_session(const struct call *post, struct upload *upload, struct err *err)
{
    AUTO_FREE char *url = NULL;
    if (!post->response.location)
        return err_set(err, ERR_FAILED, "POST %s: the registry names no address to send it to",
                       post->what);
    int rc = url_join(post->url, post->response.location, &url, err);
    if (rc)
        call_hide(post, err);
    if (rc)
        return err_wrap(err, "POST %s", post->what);
    if (strncmp(post->url, "https:", 6) == 0 && strncmp(url, "https:", 6) != 0)
        return err_set(err, ERR_FAILED,
                       "POST %s: %s wants the bytes over plain http, which is refused: the proxy "
                       "before it may not pass X-Forwarded-Proto on",
                       post->what, post->host->address);
    upload->session = mem_printf("%s%cdigest=%s", url, strchr(url, '?') ? '&' : '?',
                                 upload->blob->descriptor->digest.text);
    upload->senders = route_senders(post);
    return 0;
}

/* Adds a POST with mount and from (distribution specification, "Mounting a blob from another
 * repository"). After any failure of the mount, the bytes are sent. */
static void ask_to_mount(struct round *round, const struct uploads *uploads, struct upload *upload)
{
    size_t at = round->count;
    struct call *call = round_add(round, uploads, upload, "POST");
    round->paths[at] = mem_printf("%s?mount=%s&from=%s", uploads->start_path,
                                  upload->blob->descriptor->digest.text, upload->from.path);
    round->scopes[at] = mem_printf("%s %s", uploads->repo->scope, upload->from.scope);
    call->path = round->paths[at];
    call->scope = round->scopes[at];
    call->tolerant = call->apart = true;
    upload->mountable = false;
}

static void settle_mount(const struct call *call, struct upload *upload)
{
    if (call->rc)
        return;
    const struct response *response = &call->response;
    upload->there = response->status == 201 && (response->location || response->content_digest);
    if (call->response.status == 202)
        (void)begin_session(call, upload, ERR_IGNORED);
}

static int try_mounts(struct uploads *uploads, struct err *err)
{
    struct round round AUTO(round_release);
    round_init(&round, uploads);
    for (size_t i = 0; i < uploads->count; i++)
        if (!uploads->items[i].there && uploads->items[i].mountable)
            ask_to_mount(&round, uploads, &uploads->items[i]);
    int rc = round.count ? run(uploads, &round, err) : 0;
    for (size_t i = 0; !rc && i < round.count; i++)
        settle_mount(&round.calls[i], round.uploads[i]);
    return rc;
}

/* Opens a session for each upload that has none. */
static int begin_uploads(struct uploads *uploads, struct err *err)
{
    struct round round AUTO(round_release);
    round_init(&round, uploads);
    for (size_t i = 0; i < uploads->count; i++) {
        if (uploads->items[i].there || uploads->items[i].session)
            continue;
        struct call *call = round_add(&round, uploads, &uploads->items[i], "POST");
        call->path = uploads->start_path;
        call->follow = true;
        call->headers[0] = "Content-Type: application/octet-stream";
    }
    int rc = run(uploads, &round, err);
    for (size_t i = 0; !rc && i < round.count; i++)
        rc = begin_session(&round.calls[i], round.uploads[i], err);
    return rc;
}

/* Adds the fetch of a blob, which runs beside the upload. */
static void add_fetch(struct round *round, const struct uploads *uploads, struct upload *upload)
{
    struct call *call = round_add(round, uploads, upload, "GET");
    call->host = upload->from.host;
    call->path = upload->from_path;
    call->scope = upload->from.scope;
    call->sink = &upload->sink;
    call->follow = true;
}

static int send_bodies(struct uploads *uploads, struct round *puts, struct err *err)
{
    round_init(puts, uploads);
    for (size_t i = 0; i < uploads->count; i++) {
        struct upload *upload = &uploads->items[i];
        if (upload->there)
            continue;
        if (upload->from.path && upload->sink.at < upload->sink.size)
            add_fetch(puts, uploads, upload);
        struct call *call = round_add(puts, uploads, upload, "PUT");
        call->headers[0] = "Content-Type: application/octet-stream";
        call->source = &upload->source;
        call->one_try = call->in_session = true;
        call->follow = true;
        route_name(call, STEAL(upload->session), upload->senders);
    }
    return run(uploads, puts, err);
}

/* Looks for uploads that have failed. `*pause` is the longest of their pauses before the next
 * round, 0 when none has failed. An error means that no further try is left. */
static int plan_retry(struct uploads *uploads, const struct round *puts, int attempt,
                      int64_t *pause, struct err *err)
{
    *pause = 0;
    for (size_t i = 0; i < puts->count; i++) {
        struct call *call = &puts->calls[i];
        if (!call->source)
            continue;
        if (!call->rc) {
            puts->uploads[i]->there = true;
            continue;
        }
        int64_t own = attempt_pause(&uploads->repo->registry->transport, call, attempt, &call->err);
        if (own < 0) {
            advice_add(call);
            return err_move(err, &call->err);
        }
        if (call->response.status ==
            429) { /* nothing of the body was read, and the session is as it was */
            puts->uploads[i]->session = STEAL(call->url);
            puts->uploads[i]->senders = call->senders;
        }
        *pause = own >= *pause ? own + 1 : *pause;
    }
    return 0;
}

static int send_once(struct uploads *uploads, int attempt, int64_t *pause, struct err *err)
{
    struct round puts AUTO(round_release) = {0};
    int rc = begin_uploads(uploads, err);
    if (!rc)
        rc = send_bodies(uploads, &puts, err);
    return rc ? rc : plan_retry(uploads, &puts, attempt, pause, err);
}

/* Blobs that pass through this machine take room on its disk until the whole image is sent. */
static int check_sizes(const struct uploads *uploads, struct err *err)
{
    long long total = 0, max = uploads->bundle->pass_max;
    for (size_t i = 0; i < uploads->count; i++) {
        const struct upload *upload = &uploads->items[i];
        long long size = upload->sink.size;
        if (upload->there || !upload->from.path)
            continue;
        if (size > max)
            return err_set(err, ERR_FAILED,
                           "GET %s: it has %lld bytes, more than the %lld allowed: raise "
                           "--max-size if that is right",
                           upload->what, size, max);
        if (size > max - total)
            return err_set(err, ERR_FAILED,
                           "GET %s: with it, the blobs of the image that are to be sent have %lld "
                           "bytes, more than the %lld allowed: raise --max-size if that is right",
                           upload->what, total + size, max);
        total += size;
    }
    return 0;
}

static int send_missing(struct uploads *uploads, struct err *err)
{
    bool missing = false;
    int rc = try_mounts(uploads, err);
    if (!rc)
        rc = check_sizes(uploads, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < uploads->count; i++)
        missing |= !uploads->items[i].there;
    for (int attempt = 0; missing; attempt++) {
        int64_t pause = 0;
        rc = send_once(uploads, attempt, &pause, err);
        if (!rc && pause)
            rc = transport_pause(&uploads->repo->registry->transport, pause, err);
        if (rc)
            return rc;
        missing = pause > 0;
    }
    return 0;
}

int blob_push_all(const struct repository *repo, const struct bundle *bundle, size_t *sent,
                  struct err *err)
{
    struct uploads uploads AUTO(uploads_release) = {
        .repo = repo,
        .bundle = bundle,
        .items = mem_zero(bundle->blob_count, sizeof(*uploads.items)),
        .start_path = mem_printf("/v2/%s/blobs/uploads/", repo->path),
    };
    for (size_t i = 0; i < bundle->blob_count; i++) {
        const struct digest *digest = &bundle->blobs[i].descriptor->digest;
        if (!is_listed(&uploads, digest) && !client_knows(repo, digest))
            add_upload(&uploads, &bundle->blobs[i]);
    }
    int rc = find_present(&uploads, err);
    *sent = 0;
    for (size_t i = 0; i < uploads.count; i++)
        *sent += !uploads.items[i].there;
    if (!rc)
        rc = send_missing(&uploads, err);
    for (size_t i = 0; !rc && i < uploads.count; i++)
        client_learn(repo, &uploads.items[i].blob->descriptor->digest);
    return rc;
}
