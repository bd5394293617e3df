#include "store/distribution/push.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "server/range.h"
#include "store/distribution/defer.h"
#include "store/distribution/mount.h"
#include "store/distribution/uploads.h"

/* A request whose body goes into an upload. */
struct receipt {
    struct dist_call call;    /* without request and reply, which come later */
    struct upload *upload;    /* busy; NULL: it has ended */
    struct digest_any digest; /* of the blob that is whole with this body; "": more will come */
    bool fresh;               /* the upload is for this request alone */
    bool full;                /* the disk is full: the upload has ended, bytes are dropped */
};

/* The receipt is done with; its upload goes on, unless it has ended. */
static void receipt_free(void *arg)
{
    struct receipt *receipt = arg;
    struct uploads *uploads = receipt->call.registry->uploads;
    if (receipt->upload && receipt->fresh)
        uploads_end(uploads, receipt->upload);
    else if (receipt->upload)
        uploads_rest(uploads, receipt->upload);
    free(receipt);
}

/* Adds the fields by which the client goes on. */
static void add_state(const struct dist_call *call, const struct upload *upload)
{
    long long last = upload->size > 0 ? upload->size - 1 : 0;
    dist_field(call->reply, "Location", "/v2/%s/blobs/uploads/%s", call->path.name, upload->id);
    dist_field(call->reply, "Range", "0-%lld", last);
    server_reply_field(call->reply, "Docker-Upload-UUID", upload->id);
}

static void tell_blob(const struct dist_call *call, const struct digest_any *digest)
{
    dist_empty(call->reply, 201);
    dist_field(call->reply, "Location", "/v2/%s/blobs/%s", call->path.name, digest->text);
    server_reply_field(call->reply, "Docker-Content-Digest", digest->text);
}

/* Computes the digest of the upload, from the hash so far where that is of the right kind. */
static int digest_upload(struct upload *upload, enum digest_algorithm algorithm,
                         struct digest_any *out, struct err *err)
{
    if (!upload->hasher || upload->algorithm != algorithm)
        return digest_any_of_fd(upload->fd, algorithm, out, NULL, err);
    hasher_finish_any(upload->hasher, out);
    hasher_free(upload->hasher); /* is as new: has not the bytes of the file any more */
    upload->hasher = NULL;
    return 0;
}

/* Puts the upload, which is verified, in its place. */
static int place(struct dist_call *call, const struct upload *upload,
                 const struct digest_any *digest, struct err *err)
{
    struct distribution *registry = call->registry;
    int rc = file_sync(upload->fd, upload->path, err);
    if (!rc)
        rc = depot_begin(registry->depot, err);
    if (rc)
        return rc;
    rc = depot_blob_take(registry->depot, upload->path, digest, err);
    if (!rc)
        rc = mount_link(registry, call->path.name, digest, err);
    depot_end(registry->depot);
    return rc;
}

/* Makes the upload a blob of the repository. */
static int finish(struct dist_call *call, void *arg, struct err *err)
{
    struct receipt *receipt = arg;
    struct upload *upload = receipt->upload;
    struct distribution *registry = call->registry;
    const struct digest_any *digest = &receipt->digest;
    struct digest_any found;
    int rc = digest_upload(upload, digest_any_algorithm(digest), &found, err);
    if (rc)
        return rc;
    if (!digest_any_equal(&found, digest)) {
        dist_error(call->reply, 400, "DIGEST_INVALID",
                   "the blob that came has the digest %s, not %s", found.text, digest->text);
    } else {
        rc = place(call, upload, digest, err);
        if (!rc)
            tell_blob(call, digest);
    }
    uploads_end(registry->uploads, upload);
    receipt->upload = NULL;
    return rc;
}

static int take_piece(void *arg, const void *data, size_t len, struct err *err)
{
    struct receipt *receipt = arg;
    if (receipt->full)
        return 0;
    int rc = uploads_add(receipt->upload, data, len, err);
    if (rc != ERR_FULL)
        return rc;
    /* The bytes that came would be in the way of all other pushes. */
    uploads_end(receipt->call.registry->uploads, STEAL(receipt->upload));
    receipt->full = true;
    err_release(err);
    return 0;
}

static int end_body(void *arg, const struct server_request *request, struct server_reply *reply,
                    struct err *err)
{
    struct receipt *receipt = arg;
    struct dist_call *call = &receipt->call;
    call->request = request;
    call->reply = reply;
    if (reply && !receipt->full && receipt->digest.text[0])
        return dist_defer(call, finish, receipt_free, receipt);
    if (reply && receipt->full) {
        err_set(err, ERR_FULL, "no room is left for the upload");
        dist_fail(call, err);
    } else if (reply) {
        dist_empty(reply, 202);
        add_state(call, receipt->upload);
    }
    receipt_free(receipt);
    return 0;
}

/* Has the body of the request go into the upload. */
static int receive(struct dist_call *call, struct upload *upload, const struct digest_any *digest,
                   bool fresh)
{
    struct receipt *receipt = mem_zero(1, sizeof(*receipt));
    receipt->call = *call;
    receipt->upload = upload;
    receipt->digest = *digest;
    receipt->fresh = fresh;
    call->reply->sink = (struct server_sink){
        .limit = call->registry->options.max_upload - upload->size,
        .piece = take_piece,
        .end = end_body,
        .arg = receipt,
    };
    return 0;
}

/* Reads a parameter that is a digest; `out` is "" when there is none. False: the reply says what is
 * wrong. */
static bool read_digest(struct dist_call *call, const char *name, struct digest_any *out)
{
    AUTO_FREE char *text = dist_query(call->request->query, name, 0);
    out->text[0] = '\0';
    return !text || dist_read_digest(call->reply, text, out);
}

/* Begins an upload: the body of this request is the blob, if the request has its digest. */
static int begin(struct dist_call *call, const struct digest_any *digest, struct err *err)
{
    struct uploads *uploads = call->registry->uploads;
    struct upload *upload = NULL;
    AUTO_FREE char *wanted = dist_query(call->request->query, "digest-algorithm", 0);
    bool wide = wanted && strcmp(wanted, "sha512") == 0;
    enum digest_algorithm algorithm = wide ? DIGEST_SHA512 : digest_any_algorithm(digest);
    int rc = uploads_begin(uploads, call->path.name, algorithm, &upload, err);
    if (rc == ERR_DENIED) {
        dist_error(call->reply, 429, "TOOMANYREQUESTS", "%s", err_text(err));
        err_release(err);
        return 0;
    }
    if (rc)
        return rc;
    if (digest->text[0])
        return receive(call, upload, digest, true);
    dist_empty(call->reply, 202);
    add_state(call, upload);
    uploads_rest(uploads, upload);
    return 0;
}

/* Has the repository share a blob of another one; where that has no such blob, begins an upload. */
static int mount(struct dist_call *call, void *arg, struct err *err)
{
    AUTO_FREE char *from = dist_query(call->request->query, "from", 0);
    const struct digest_any *digest = arg;
    bool named = from && *from;
    int rc = depot_begin(call->registry->depot, err);
    if (rc)
        return rc;
    rc = ERR_NOT_FOUND;
    if (!named || ref_repository_valid(from))
        rc = mount_blob(call->registry, named ? from : NULL, call->path.name, digest, err);
    depot_end(call->registry->depot);
    if (rc == ERR_NOT_FOUND) {
        err_release(err);
        return begin(call, &(struct digest_any){""}, err);
    }
    if (!rc)
        tell_blob(call, digest);
    return rc;
}

int push_begin(struct dist_call *call, struct err *err)
{
    struct digest_any digest, wanted;
    if (strcmp(call->request->method, "POST") != 0) {
        dist_error(call->reply, 405, "UNSUPPORTED", "an upload begins with POST");
        call->reply->allow = "POST";
        return 0;
    }
    if (!read_digest(call, "mount", &wanted) || !read_digest(call, "digest", &digest))
        return 0;
    if (!wanted.text[0])
        return begin(call, &digest, err);
    struct digest_any *copy = mem_alloc(sizeof(*copy));
    *copy = wanted;
    return dist_defer(call, mount, free, copy);
}

/* Refuses where the body goes, with the state by which the client goes on. */
static bool refuse_range(struct dist_call *call, const struct upload *upload, int status)
{
    dist_error(call->reply, status, "BLOB_UPLOAD_INVALID",
               "Content-Range: %.60s: the next byte of the upload is number %lld",
               call->request->content_range, upload->size);
    add_state(call, upload);
    return false;
}

/* Whether the body goes where the upload ends, as far as the request says. False: the reply refuses
 * the request. */
static bool check_range(struct dist_call *call, const struct upload *upload)
{
    const struct server_request *request = call->request;
    long long first, last;
    if (!request->content_range)
        return true;
    if (!range_of_content(request->content_range, &first, &last))
        return refuse_range(call, upload, 400);
    if (first != upload->size)
        return refuse_range(call, upload, 416);
    if (request->content_length < 0 || request->content_length == last - first + 1)
        return true;
    dist_error(call->reply, 400, "SIZE_INVALID", "Content-Range: %.60s: the body has %lld bytes",
               request->content_range, request->content_length);
    add_state(call, upload);
    return false;
}

static int write_upload(struct dist_call *call, struct upload *upload)
{
    struct uploads *uploads = call->registry->uploads;
    struct digest_any digest = {""};
    bool last = strcmp(call->request->method, "PUT") == 0;
    bool fit = !last || read_digest(call, "digest", &digest);
    if (fit && last && !digest.text[0]) {
        dist_error(call->reply, 400, "DIGEST_INVALID", "the parameter digest is missing");
        fit = false;
    }
    if (fit && check_range(call, upload))
        return receive(call, upload, &digest, false);
    uploads_rest(uploads, upload);
    return 0;
}

/* Handles the request to an upload, which is busy. */
static int handle_upload(struct dist_call *call, struct upload *upload)
{
    struct uploads *uploads = call->registry->uploads;
    const char *method = call->request->method;
    if (strcmp(method, "PATCH") == 0 || strcmp(method, "PUT") == 0)
        return write_upload(call, upload);
    dist_empty(call->reply, 204);
    if (strcmp(method, "DELETE") == 0) {
        uploads_end(uploads, upload);
        return 0;
    }
    add_state(call, upload);
    uploads_rest(uploads, upload);
    return 0;
}

int push_upload(struct dist_call *call, struct err *err)
{
    static const char *const methods[] = {"GET", "HEAD", "PATCH", "PUT", "DELETE"};
    struct upload *upload = NULL;
    bool known = false;
    for (size_t i = 0; i < COUNT(methods); i++)
        known = known || strcmp(call->request->method, methods[i]) == 0;
    if (!known) {
        dist_error(call->reply, 405, "UNSUPPORTED", "an upload has no such method");
        call->reply->allow = "GET, HEAD, PATCH, PUT, DELETE";
        return 0;
    }
    int rc = uploads_take(call->registry->uploads, call->path.name, call->path.key, &upload, err);
    if (rc == ERR_NOT_FOUND)
        dist_error(call->reply, 404, "BLOB_UPLOAD_UNKNOWN", "%s", err_text(err));
    else if (rc == ERR_TRANSIENT)
        dist_error(call->reply, 409, "BLOB_UPLOAD_INVALID", "%s", err_text(err));
    else
        return rc ? rc : handle_upload(call, upload);
    err_release(err);
    return 0;
}
