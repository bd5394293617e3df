#include "store/distribution/referrers.h"

#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "base/percent.h"
#include "base/texts.h"
#include "image/manifest.h"
#include "image/media_type.h"
#include "store/distribution/contents.h"
#include "store/distribution/pull.h"

/* A page ends when it has so many items or bytes; another item still fits. */
enum { PAGE_ITEMS = 10000, PAGE_BYTES = DIST_PAGE_MAX - MANIFEST_MAX - 1024 * 1024 };

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
static void add_referrer(struct listing *listing, const char *name)
{
    struct dist_call *call = listing->call;
    struct digest_any digest;
    AUTO(dist_manifest_release) struct dist_manifest manifest = {0};
    AUTO(contents_release) struct contents contents = {0};
    if (!depot_entry_read(name, &digest) ||
        pull_pushed(call->registry, call->path.name, &digest, &manifest, ERR_IGNORED) != 0 ||
        contents_read(buf_text(&manifest.bytes), manifest.bytes.len, &contents, ERR_IGNORED) != 0)
        return;
    const char *type = contents.artifact_type ? contents.artifact_type : "";
    if (listing->wanted && strcmp(listing->wanted, type) != 0)
        return;
    put_descriptor(&manifest, &contents, &call->reply->page);
    listing->count++;
}

/* Adds the field that leads to the page behind that name. */
static void add_link(struct listing *listing, const char *last)
{
    const struct dist_path *path = &listing->call->path;
    AUTO(buf_release) struct buf link = BUF_INIT(REQUEST_TARGET_MAX);
    buf_printf(&link, "</v2/%s/referrers/%s?last=%s", path->name, path->key, last);
    if (listing->wanted) {
        buf_add_text(&link, "&artifactType=");
        percent_add(&link, listing->wanted, strlen(listing->wanted), "/");
    }
    buf_add_text(&link, ">; rel=\"next\"");
    server_reply_field(listing->call->reply, "Link", buf_text(&link));
}

static int add_name(void *arg, const char *name)
{
    texts_add(arg, mem_dup(name));
    return 0;
}

/* Adds the referrers behind the name `last` (or NULL) that fit into a page. */
static void add_page(struct listing *listing, const struct texts *names, const char *last)
{
    const struct buf *page = &listing->call->reply->page;
    size_t at = 0;
    while (last && at < names->count && strcmp(names->items[at], last) <= 0)
        at++;
    while (at < names->count && listing->count < PAGE_ITEMS && page->len < PAGE_BYTES)
        add_referrer(listing, names->items[at++]);
    if (at && at < names->count)
        add_link(listing, names->items[at - 1]);
}

int list_referrers(struct dist_call *call, struct err *err)
{
    struct digest_any subject;
    AUTO(texts_release) struct texts names = {0};
    AUTO_FREE char *wanted = dist_query(call->request->query, "artifactType", 0);
    AUTO_FREE char *last = dist_query(call->request->query, "last", 0);
    if (!dist_read_digest(call->reply, call->path.key, &subject))
        return 0;
    AUTO_FREE char *folder = depot_referrers(&subject);
    int rc = depot_link_each(call->registry->depot, call->path.name, folder, add_name, &names, err);
    if (rc)
        return rc;
    texts_sort(&names);
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
    add_page(&listing, &names, last);
    json_end_array(out);
    json_end_object(out);
    buf_add_char(out, '\n');
    return 0;
}
