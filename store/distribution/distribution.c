#include "store/distribution/distribution.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/distribution/lists.h"
#include "store/distribution/pull.h"
#include "store/distribution/referrers.h"

static void close_at(struct distribution **distribution)
{
    dist_close(*distribution);
}

int dist_open(const struct dist_options *options, struct distribution **out, struct err *err)
{
    AUTO(close_at) struct distribution *made = mem_zero(1, sizeof(*made));
    made->options = *options;
    made->verified = verified_new();
    int rc = depot_open(options->dir, options->writable, &made->depot, err);
    if (rc)
        return rc;
    *out = STEAL(made);
    return 0;
}

void dist_close(struct distribution *distribution)
{
    if (!distribution)
        return;
    depot_close(distribution->depot);
    verified_free(distribution->verified);
    free(distribution);
}

static bool is_read(const struct server_request *request)
{
    return strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
}

/* Says that the API is there (OCI distribution specification, "Determining Support"). */
static int greet(struct dist_call *call)
{
    dist_page(call->reply, "application/json");
    server_reply_field(call->reply, "Docker-Distribution-Api-Version", "registry/2.0");
    buf_add_text(&call->reply->page, "{}\n");
    return 0;
}

static int read_call(struct dist_call *call, struct err *err)
{
    switch (call->path.kind) {
    case DIST_BASE:
        return greet(call);
    case DIST_CATALOG:
        return list_repositories(call, err);
    case DIST_TAGS:
        return list_tags(call, err);
    case DIST_MANIFEST:
        return pull_manifest(call, err);
    case DIST_BLOB:
        return pull_blob(call, err);
    case DIST_REFERRERS:
        return list_referrers(call, err);
    case DIST_UPLOADS:
    case DIST_UPLOAD:
        break;
    }
    dist_error(call->reply, 404, "BLOB_UPLOAD_UNKNOWN", "there is no such upload");
    return 0;
}

int dist_handle(struct distribution *distribution, const struct server_request *request,
                struct server_reply *reply, struct err *err)
{
    struct dist_call call = {distribution, request, reply, {0}};
    if (!request->path)
        return 0;
    if (!dist_path_read(request->path, &call.path))
        dist_error(reply, 404, "UNSUPPORTED", "the registry has no such path");
    else if (*call.path.name && !ref_repository_valid(call.path.name))
        dist_error(reply, 400, "NAME_INVALID",
                   "\"%s\" is no name of a repository: lower-case letters and digits, with . _ - "
                   "between them, parts separated by /",
                   call.path.name);
    else if (!is_read(request))
        dist_error(reply, 405, "UNSUPPORTED",
                   "this registry can only be read: `wasme serve --writable` accepts pushes");
    else
        return read_call(&call, err);
    return 0;
}
