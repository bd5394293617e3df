#include "store/distribution/distribution.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/distribution/compat.h"
#include "store/distribution/defer.h"
#include "store/distribution/lists.h"
#include "store/distribution/pull.h"
#include "store/distribution/push.h"
#include "store/distribution/put.h"
#include "store/distribution/referrers.h"
#include "store/distribution/remove.h"
#include "store/distribution/through.h"
#include "store/distribution/upstream.h"

static void close_at(struct distribution **distribution)
{
    dist_close(*distribution);
}

int dist_open(const struct dist_options *options, struct distribution **out, struct err *err)
{
    AUTO(close_at) struct distribution *made = mem_zero(1, sizeof(*made));
    made->options = *options;
    made->compat = compat_new();
    bool write = options->writable || options->upstream;
    int rc = depot_open(options->dir, write ? DEPOT_SERVE : DEPOT_READ, options->lock, &made->depot,
                        err);
    if (rc)
        return rc;
    if (options->upstream)
        made->upstream = upstream_new(options->upstream);
    if (options->writable)
        made->uploads = uploads_new(made->depot);
    *out = STEAL(made);
    return 0;
}

int dist_lock(const struct distribution *distribution)
{
    return distribution->depot->writer;
}

void dist_close(struct distribution *distribution)
{
    if (!distribution)
        return;
    uploads_free(distribution->uploads);
    upstream_free(distribution->upstream);
    depot_close(distribution->depot);
    compat_free(distribution->compat);
    free(distribution);
}

/* Says that the API is there (OCI distribution specification, "Determining Support"). */
static int greet(struct dist_call *call)
{
    dist_page(call->reply, "application/json");
    server_reply_field(call->reply, "Docker-Distribution-Api-Version", "registry/2.0");
    buf_add_text(&call->reply->page, "{}\n");
    return 0;
}

static int read_call(struct dist_call *call, void *arg, struct err *err)
{
    (void)arg;
    switch (call->path.kind) {
    case DIST_BASE:
        return greet(call);
    case DIST_CATALOG:
        return list_repositories(call, err);
    case DIST_TAGS:
        return list_tags(call, err);
    case DIST_MANIFEST:
        return through_manifest(call) ? pull_manifest(call, err) : 0;
    case DIST_BLOB:
        return through_blob(call) ? pull_blob(call, err) : 0;
    case DIST_REFERRERS:
        return list_referrers(call, err);
    case DIST_UPLOADS:
    case DIST_UPLOAD:
        break;
    }
    dist_error(call->reply, 404, "BLOB_UPLOAD_UNKNOWN", "there is no such upload");
    return 0;
}

static int remove_call(struct dist_call *call, void *arg, struct err *err)
{
    (void)arg;
    return call->path.kind == DIST_MANIFEST ? remove_manifest(call, err) : remove_blob(call, err);
}

static int refuse_method(struct dist_call *call)
{
    bool removable = call->path.kind == DIST_MANIFEST || call->path.kind == DIST_BLOB;
    dist_error(call->reply, 405, "UNSUPPORTED", "the registry does not know this method here");
    call->reply->allow = call->path.kind == DIST_MANIFEST ? "GET, HEAD, PUT, DELETE"
                         : removable                      ? "GET, HEAD, DELETE"
                                                          : "GET, HEAD";
    return 0;
}

/* A request that changes something, or to an upload. */
static int write_call(struct dist_call *call, struct err *err)
{
    const struct dist_options *options = &call->registry->options;
    const char *method = call->request->method;
    bool manifest = call->path.kind == DIST_MANIFEST;
    if (call->registry->upstream) {
        dist_error(call->reply, 405, "UNSUPPORTED", "this registry is a cache of %s: push there",
                   upstream_name(call->registry->upstream));
        call->reply->allow = "GET, HEAD";
        return 0;
    }
    if (!options->writable) {
        dist_error(call->reply, 405, "UNSUPPORTED",
                   "this registry can only be read: `wasme serve --writable` accepts pushes");
        call->reply->allow = "GET, HEAD";
        return 0;
    }
    if (options->may_write && !options->may_write(options->arg, call->request, call->reply))
        return 0;
    if (call->path.kind == DIST_UPLOADS)
        return push_begin(call, err);
    if (call->path.kind == DIST_UPLOAD)
        return push_upload(call, err);
    if (manifest && strcmp(method, "PUT") == 0)
        return put_manifest(call, err);
    if ((manifest || call->path.kind == DIST_BLOB) && strcmp(method, "DELETE") == 0)
        return dist_defer(call, remove_call, NULL, NULL);
    return refuse_method(call);
}

int dist_handle(struct distribution *distribution, const struct server_request *request,
                struct server_reply *reply, struct err *err)
{
    struct dist_call call = {distribution, request, reply, {0}};
    if (!request->path)
        return 0;
    if (!dist_path_read(request->path, &call.path)) {
        dist_error(reply, 404, "UNSUPPORTED", "the registry has no such path");
        return 0;
    }
    if (*call.path.name && !ref_repository_valid(call.path.name)) {
        dist_error(reply, 400, "NAME_INVALID",
                   "\"%s\" is no name of a repository: lower-case letters and digits, with . _ - "
                   "between them, parts separated by /",
                   call.path.name);
        return 0;
    }
    if (*call.path.name && distribution->upstream &&
        !upstream_map(distribution->upstream, &call.path)) {
        dist_error(reply, 404, "NAME_UNKNOWN", "this registry is a cache of %s alone",
                   upstream_name(distribution->upstream));
        return 0;
    }
    bool upload = call.path.kind == DIST_UPLOADS || call.path.kind == DIST_UPLOAD;
    if (request_reads(request) && !upload)
        return dist_defer(&call, read_call, NULL, NULL);
    return write_call(&call, err) < 0 ? dist_fail(&call, err) : 0;
}
