#include "store/distribution/referrers.h"

#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "image/media_type.h"
#include "store/distribution/contents.h"
#include "store/distribution/pull.h"

enum { REFERRERS_MAX = 10000 };

/* A list that is being written. */
struct listing {
    struct dist_call *call;
    const char *wanted; /* the type to list alone; NULL: all */
    size_t count;
};

static int put_annotation(void *arg, const char *key, const struct json_t *value)
{
    const char *text = json_text(value);
    if (text)
        json_put_pair(arg, key, text);
    return 0;
}

static void put_descriptor(const struct dist_manifest *manifest, const struct contents *contents,
                           struct buf *out)
{
    const struct json_t *annotations = json_member(contents->doc, "annotations");
    json_begin_object(out);
    json_put_pair(out, "mediaType", manifest->media_type);
    json_put_pair(out, "digest", manifest->digest.text);
    json_key(out, "size");
    json_put_int(out, (long long)manifest->bytes.len);
    json_put_pair_if(out, "artifactType", contents->artifact_type);
    if (json_is_obj(annotations)) {
        json_key(out, "annotations");
        json_begin_object(out);
        json_each_member(annotations, put_annotation, out);
        json_end_object(out);
    }
    json_end_object(out);
}

/* Adds the manifest of the link. One that is gone, or damaged, is left out. */
static int add_referrer(void *arg, const char *name)
{
    struct listing *listing = arg;
    struct dist_call *call = listing->call;
    struct digest_any digest;
    AUTO(dist_manifest_release) struct dist_manifest manifest = {0};
    AUTO(contents_release) struct contents contents = {0};
    if (!depot_entry_read(name, &digest) ||
        pull_pushed(call->registry, call->path.name, &digest, &manifest, ERR_IGNORED) != 0 ||
        contents_read(buf_text(&manifest.bytes), manifest.bytes.len, &contents, ERR_IGNORED) != 0)
        return 0;
    const char *type = contents.artifact_type ? contents.artifact_type : "";
    if (listing->wanted && strcmp(listing->wanted, type) != 0)
        return 0;
    put_descriptor(&manifest, &contents, &call->reply->page);
    return ++listing->count == REFERRERS_MAX;
}

int list_referrers(struct dist_call *call, struct err *err)
{
    struct digest_any subject;
    AUTO_FREE char *wanted = dist_query(call->request->query, "artifactType", 0);
    if (!dist_read_digest(call->reply, call->path.key, &subject))
        return 0;
    AUTO_FREE char *folder = depot_referrers(&subject);
    struct listing listing = {call, wanted && *wanted ? wanted : NULL, 0};
    struct buf *out = &call->reply->page;
    dist_page(call->reply, MEDIA_OCI_INDEX);
    if (listing.wanted)
        server_reply_field(call->reply, "OCI-Filters-Applied", "artifactType");
    json_begin_object(out);
    json_key(out, "schemaVersion");
    json_put_int(out, 2);
    json_put_pair(out, "mediaType", MEDIA_OCI_INDEX);
    json_key(out, "manifests");
    json_begin_array(out);
    int rc = depot_link_each(call->registry->depot, call->path.name, folder, add_referrer, &listing,
                             err);
    json_end_array(out);
    json_end_object(out);
    buf_add_char(out, '\n');
    return rc < 0 ? rc : 0;
}
