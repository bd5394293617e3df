#include "registry/upload.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "http/url.h"
#include "registry/advice.h"
#include "registry/answer.h"
#include "registry/attempt.h"
#include "registry/pass.h"
#include "registry/route.h"

/* A call about a blob, and the texts that it needs. */
struct step {
    struct call call;
    struct upload *upload;
    char *path;  /* owned; or NULL */
    char *scope; /* owned; or NULL */
    struct step *next;
};

/* Prepares a blob that comes from another repository, by a mount or through its file. */
static void set_origin(struct upload *upload)
{
    const struct uploads *all = upload->all;
    const struct descriptor *descriptor = upload->blob->descriptor;
    repository_init(&upload->from, all->repo->registry, all->bundle->origin, "pull");
    upload->mountable = upload->from.host == all->repo->host;
    upload->from_path = mem_printf("/v2/%s/blobs/%s", upload->from.path, descriptor->digest.text);
    upload->sink = (struct body_sink){
        .fd = upload->blob->fd, .size = descriptor->size, .expected = &descriptor->digest};
    upload->source.from = &upload->sink;
}

struct upload *upload_new(struct uploads *all, const struct bundle_blob *blob)
{
    const struct descriptor *descriptor = blob->descriptor;
    const char *digest = descriptor->digest.text;
    struct upload *upload = mem_zero(1, sizeof(*upload));
    *upload = (struct upload){
        .all = all,
        .blob = blob,
        .what = mem_printf("blob %s", digest),
        .path = mem_printf("/v2/%s/blobs/%s", all->repo->path, digest),
        .source = {.data = blob->data,
                   .fd = blob->fd,
                   .size = descriptor->size,
                   .expected = &descriptor->digest},
    };
    if (all->bundle->origin)
        set_origin(upload);
    return upload;
}

void upload_free(struct upload *upload)
{
    for (struct step *step = upload->steps; step;) {
        struct step *next = step->next;
        call_release(&step->call);
        free(step->path);
        free(step->scope);
        free(step);
        step = next;
    }
    free(upload->what);
    free(upload->path);
    free(upload->session);
    free(upload->from_path);
    body_source_release(&upload->source);
    body_sink_release(&upload->sink);
    repository_release(&upload->from);
    free(upload);
}

static struct step *step_new(struct upload *upload, const char *method)
{
    const struct repository *repo = upload->all->repo;
    struct step *step = mem_zero(1, sizeof(*step));
    *step = (struct step){
        .call = {.method = method,
                 .what = upload->what,
                 .host = repo->host,
                 .scope = repo->scope,
                 .done_arg = step},
        .upload = upload,
        .next = upload->steps,
    };
    upload->steps = step;
    return step;
}

static void step_begin(struct step *step, void (*done)(void *arg, struct call *call))
{
    step->call.done = done;
    calls_add(step->upload->all->calls, &step->call);
}

static void advance(struct upload *upload, struct call *call);

/* Makes the call's failure one that ends the whole push. */
static void fail(struct call *call)
{
    call->apart = call->one_try = false;
}

/* --- The session --- */

/* Takes the address of the session, which may be relative and have a query. */
static int take_session(const struct call *post, struct upload *upload, struct err *err)
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
    upload->session = STEAL(url);
    upload->senders = route_senders(post);
    return 0;
}

/* A failure to open the session matters only when the blob has to be sent. */
static void on_opened(void *arg, struct call *call)
{
    struct upload *upload = ((struct step *)arg)->upload;
    if (!call->rc)
        call->rc = take_session(call, upload, &call->err);
    if (!call->rc)
        upload->opening = NULL;
    advance(upload, call);
}

/* Opens a session at that time (clock_ms()); 0: now. */
static void open_session(struct upload *upload, int64_t due_at)
{
    struct step *step = step_new(upload, "POST");
    step->call.path = upload->all->start_path;
    step->call.follow = step->call.apart = true;
    step->call.headers[0] = "Content-Type: application/octet-stream";
    step->call.due_at = due_at;
    upload->opening = step;
    step_begin(step, on_opened);
}

static bool has_mounted(const struct call *call)
{
    const struct response *response = &call->response;
    return !call->rc && response->status == 201 && (response->location || response->content_digest);
}

/* After any failure of the mount, the bytes are sent. */
static void on_mounted(void *arg, struct call *call)
{
    struct upload *upload = ((struct step *)arg)->upload;
    upload->opening = NULL;
    upload->there |= has_mounted(call);
    if (!call->rc && call->response.status == 202)
        (void)take_session(call, upload, ERR_IGNORED);
    advance(upload, call);
}

/* A mount from the repository itself brings nothing, and a registry may answer 201 without looking:
 * that counts only where the HEAD has failed. */
static void on_opened_early(void *arg, struct call *call)
{
    struct upload *upload = ((struct step *)arg)->upload;
    upload->opening = NULL;
    upload->held = has_mounted(call);
    if (!call->rc && call->response.status == 202)
        (void)take_session(call, upload, ERR_IGNORED);
    advance(upload, call);
}

/* Makes a POST that mounts the blob from a repository, `from`, and opens a session when the blob is
 * not there. `access` is the access that `from` needs, or "" for the repository itself. */
static struct step *mount_new(struct upload *upload, const char *from, const char *access)
{
    const struct uploads *all = upload->all;
    struct step *step = step_new(upload, "POST");
    step->path = mem_printf("%s?mount=%s&from=%s", all->start_path,
                            upload->blob->descriptor->digest.text, from);
    step->scope = mem_printf("%s%s%s", all->repo->scope, *access ? " " : "", access);
    step->call.path = step->path;
    step->call.scope = step->scope;
    step->call.tolerant = step->call.apart = true;
    upload->mountable = false;
    upload->opening = step;
    return step;
}

static void mount_from_origin(struct upload *upload)
{
    step_begin(mount_new(upload, upload->from.path, upload->from.scope), on_mounted);
}

/* Opens a session before it is known whether the blob is there. The mount is from the repository
 * itself, so that a registry opens no session for a blob that is there: it could be ended by few
 * people, since many registries let few people delete anything. A POST without a mount has the
 * further tries. */
static void open_early(struct upload *upload)
{
    if (upload->mountable) {
        mount_from_origin(upload);
        return;
    }
    struct step *step = mount_new(upload, upload->all->repo->path, "");
    step->call.one_try = true;
    step_begin(step, on_opened_early);
}

/* --- The bytes --- */

static void send(struct upload *upload, int64_t due_at);

static void on_fetched(void *arg, struct call *call)
{
    (void)call;
    ((struct step *)arg)->upload->fetching = NULL;
}

/* Fetches the blob from its origin, while the bytes that have come are being sent. */
static void fetch(struct upload *upload)
{
    struct step *step = step_new(upload, "GET");
    step->call.host = upload->from.host;
    step->call.path = upload->from_path;
    step->call.scope = upload->from.scope;
    step->call.sink = &upload->sink;
    step->call.follow = true;
    upload->fetching = step;
    step_begin(step, on_fetched);
}

static void on_sent(void *arg, struct call *call)
{
    struct upload *upload = ((struct step *)arg)->upload;
    struct transport *transport = upload->all->calls->transport;
    upload->there = !call->rc;
    if (call->rc != ERR_TRANSIENT)
        return;
    int64_t pause = attempt_pause(transport, call, upload->attempt++, &call->err);
    if (pause < 0) {
        advice_add(call);
        fail(call);
        return;
    }
    int64_t due_at = clock_ms() + pause;
    if (call->response.status == 429) { /* nothing of the body was read: the session is as it was */
        send(upload, due_at);
        return;
    }
    mem_free_at(&upload->session);
    upload->session = NULL;
    open_session(upload, due_at);
}

static void send(struct upload *upload, int64_t due_at)
{
    const char *session = upload->session;
    if (upload->from.path && upload->sink.at < upload->sink.size && !upload->fetching)
        fetch(upload);
    struct step *step = step_new(upload, "PUT");
    step->call.headers[0] = "Content-Type: application/octet-stream";
    step->call.source = &upload->source;
    step->call.one_try = step->call.in_session = true;
    step->call.follow = true;
    step->call.due_at = due_at;
    route_name(&step->call,
               mem_printf("%s%cdigest=%s", session, strchr(session, '?') ? '&' : '?',
                          upload->blob->descriptor->digest.text),
               upload->senders);
    step_begin(step, on_sent);
}

/* Ends a session that turned out to be needless, if the registry lets us; it forgets old sessions
 * by itself. A POST that has not been sent is not sent. */
static void end_session(struct upload *upload)
{
    if (upload->opening)
        calls_drop(&upload->opening->call);
    if (!upload->session)
        return;
    struct step *step = step_new(upload, "DELETE");
    step->call.tolerant = step->call.apart = step->call.one_try = step->call.one_login = true;
    route_name(&step->call, STEAL(upload->session), upload->senders);
    step_begin(step, NULL);
}

/* --- The order of it --- */

/* Is it known of all blobs of a copy whether they are to be sent? */
static bool are_known(const struct uploads *all)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct upload *upload = all->items[i];
        bool known = upload->there || upload->session || !(upload->mountable || upload->opening);
        if (!upload->asked || !known)
            return false;
    }
    return true;
}

/* Sends a blob that is not there. */
static void go_on(struct upload *upload)
{
    if (upload->all->waits)
        return;
    if (upload->session)
        send(upload, 0);
    else
        open_session(upload, 0);
}

/* Lets the blobs of a copy go on, which wait for each other, since an image that is too large is
 * refused before any of it is sent. `last` is the call that has brought the last answer. */
static void go_on_together(struct uploads *all, struct call *last)
{
    if (!are_known(all))
        return;
    err_release(&last->err);
    last->rc = pass_check(all, &last->err);
    all->waits = false;
    if (last->rc)
        fail(last);
    for (size_t i = 0; !last->rc && i < all->count; i++)
        if (!all->items[i]->there)
            go_on(all->items[i]);
}

/* Goes on with the blob, once the call has brought an answer about it. */
static void advance(struct upload *upload, struct call *call)
{
    struct call *opening = upload->opening ? &upload->opening->call : NULL;
    if (!upload->asked)
        return;
    if (upload->unsure && upload->held) {
        upload->there = true;
        upload->lacked = false;
    }
    if (upload->there)
        end_session(upload);
    else if (opening && opening->state == CALL_OVER && opening->rc)
        fail(opening);
    else if (!opening && !upload->session && upload->mountable)
        mount_from_origin(upload);
    else if (!opening)
        go_on(upload);
    if (upload->all->waits)
        go_on_together(upload->all, call);
}

/*
 * When a HEAD is refused or fails transiently, the blob counts as missing: the POST has the further
 * tries, and the words for a refusal. Then a mount from the repository itself shows that the blob
 * was there: docker-registry on a file system answers the HEAD with 500 when it writes the link of
 * the blob at the same moment, for that mount.
 */
static void on_asked(void *arg, struct call *call)
{
    struct upload *upload = ((struct step *)arg)->upload;
    upload->asked = true;
    upload->unsure = call->response.status / 100 != 2 && call->response.status != 404;
    upload->lacked = !answer_has_blob(call, upload->blob->descriptor);
    upload->there |= !upload->lacked;
    advance(upload, call);
}

void upload_begin(struct upload *upload)
{
    struct step *step = step_new(upload, "HEAD");
    step->call.path = upload->path;
    step->call.follow = step->call.tolerant = step->call.apart = step->call.one_try = true;
    step_begin(step, on_asked);
    if (upload->all->eager && !client_seen(upload->all->repo, &upload->blob->descriptor->digest))
        open_early(upload);
}
