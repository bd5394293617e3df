#include "store/distribution/put.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/percent.h"
#include "image/manifest.h"
#include "image/media_type.h"
#include "store/distribution/contents.h"
#include "store/distribution/defer.h"
#include "store/distribution/filter.h"
#include "store/distribution/mount.h"
#include "store/distribution/pull.h"

enum { TAGS_MAX = 50 }; /* tag parameters of one request */

/* A manifest on its way in. */
struct putting {
    struct dist_call call; /* without request and reply while the body comes */
    struct dist_manifest manifest;
    struct contents contents;
    char *tags[TAGS_MAX]; /* owned */
    size_t tag_count;
    bool by_tag; /* the path has the tag; otherwise the request's parameters have them */
};

static void putting_free(void *arg)
{
    struct putting *putting = arg;
    dist_manifest_release(&putting->manifest);
    contents_release(&putting->contents);
    for (size_t i = 0; i < putting->tag_count; i++)
        free(putting->tags[i]);
    free(putting);
}

/* Refuses the manifest; returns 1. */
static int refuse(struct dist_call *call, const char *code, struct err *err)
{
    dist_error(call->reply, 400, code, "%s", err_text(err));
    err_release(err);
    return 1;
}

/* Whether the request has a further tag, which cannot be read. */
static bool has_broken_tag(const struct putting *putting, const struct dist_call *call)
{
    AUTO_FREE char *value = percent_param(call->request->query, "tag", putting->tag_count, false);
    return !putting->by_tag && value;
}

/* Reads which digest and which tags the manifest is to have. */
static int read_names(struct putting *putting, struct dist_call *call, struct err *err)
{
    const char *key = call->path.key;
    putting->by_tag = !strchr(key, ':');
    if (!putting->by_tag && digest_any_parse(key, &putting->manifest.digest, err) != 0)
        return refuse(call, "DIGEST_INVALID", err);
    if (putting->by_tag)
        putting->tags[putting->tag_count++] = mem_dup(key);
    char *tag = NULL;
    for (size_t i = 0; !putting->by_tag && (tag = dist_query(call->request->query, "tag", i));
         i++) {
        if (i == TAGS_MAX) {
            free(tag);
            err_set(err, ERR_FAILED, "more than %d tags", TAGS_MAX);
            return refuse(call, "UNSUPPORTED", err);
        }
        putting->tags[putting->tag_count++] = tag;
    }
    if (has_broken_tag(putting, call)) {
        err_set(err, ERR_FAILED, "a parameter tag is no text in percent-encoding");
        return refuse(call, "MANIFEST_INVALID", err);
    }
    for (size_t i = 0; i < putting->tag_count; i++) {
        if (ref_tag_valid(putting->tags[i]))
            continue;
        err_set(err, ERR_FAILED, "\"%.140s\" is no tag", putting->tags[i]);
        return refuse(call, "MANIFEST_INVALID", err);
    }
    return 0;
}

/* The media type: the request's, which must be that in the text. */
static int read_type(struct putting *putting, struct dist_call *call, struct err *err)
{
    const struct contents *contents = &putting->contents;
    const char *sent = call->request->content_type;
    AUTO_FREE char *type = sent ? mem_dup_n(sent, strcspn(sent, "; ")) : NULL;
    if ((!type || !*type) && contents->media_type) {
        free(type);
        type = mem_dup(contents->media_type);
    }
    if (!type || !contents_type_valid(type))
        err_set(err, ERR_DAMAGED,
                "the request has no media type of a manifest, application/..., in Content-Type");
    else if (contents->media_type && strcmp(contents->media_type, type) != 0)
        err_set(err, ERR_DAMAGED, "the manifest has the mediaType %.100s, the request %.100s",
                contents->media_type, type);
    else if (strcmp(type, MEDIA_OCI_INDEX) == 0 && !contents_is_index(contents))
        err_set(err, ERR_DAMAGED, "the index has no list \"manifests\"");
    else if (strcmp(type, MEDIA_OCI_MANIFEST) == 0 && contents_is_index(contents))
        err_set(err, ERR_DAMAGED, "the manifest of an image has a list \"manifests\"");
    else
        putting->manifest.media_type = STEAL(type);
    return err->code ? refuse(call, "MANIFEST_INVALID", err) : 0;
}

static int read_manifest(struct putting *putting, struct dist_call *call, struct err *err)
{
    struct dist_manifest *manifest = &putting->manifest;
    struct digest_any found;
    if (contents_read(buf_text(&manifest->bytes), manifest->bytes.len, &putting->contents, err) !=
        0)
        return refuse(call, "MANIFEST_INVALID", err);
    digest_any_of(buf_text(&manifest->bytes), manifest->bytes.len,
                  digest_any_algorithm(&manifest->digest), &found);
    if (!putting->by_tag && !digest_any_equal(&found, &manifest->digest)) {
        err_set(err, ERR_DAMAGED, "the manifest that came has the digest %s", found.text);
        return refuse(call, "DIGEST_INVALID", err);
    }
    manifest->digest = found;
    return read_type(putting, call, err);
}

/* Checks that the repository has the blob, and links one that only an image of the store has, so
 * that the blob outlives the image. */
static int check_blob(struct dist_call *call, const struct contents_part *part, struct err *err)
{
    struct distribution *registry = call->registry;
    char entry[DEPOT_ENTRY_MAX + 1];
    AUTO_CLOSE int fd = -1;
    long long size = 0;
    depot_entry(&part->digest, entry);
    int rc = 0;
    if (!depot_link_has(registry->depot, call->path.name, DEPOT_BLOBS, entry))
        rc = mount_blob(registry, call->path.name, call->path.name, &part->digest, err);
    if (!rc)
        rc = depot_blob_open(registry->depot, &part->digest, &fd, &size, err);
    if (rc == ERR_NOT_FOUND) {
        err_set(err, ERR_NOT_FOUND, "%s names the blob %s, which is not in %s", call->path.key,
                part->digest.text, call->path.name);
        return refuse(call, "MANIFEST_BLOB_UNKNOWN", err);
    }
    if (!rc && size != part->size) {
        err_set(err, ERR_DAMAGED, "the blob %s has %lld bytes, not %lld", part->digest.text, size,
                part->size);
        return refuse(call, "MANIFEST_INVALID", err);
    }
    return rc;
}

/* Manifests that an index names may come later, or never. */
static int check_parts(struct putting *putting, struct dist_call *call, struct err *err)
{
    const struct contents *contents = &putting->contents;
    int rc = 0;
    for (size_t i = 0; !rc && i < contents->count; i++)
        if (!contents->parts[i].manifest && !contents->parts[i].elsewhere)
            rc = check_blob(call, &contents->parts[i], err);
    return rc;
}

/* A link never comes before what it leads to. */
int put_link(struct distribution *registry, const char *name, const struct dist_manifest *manifest,
             const struct contents *contents, struct err *err)
{
    const struct depot *depot = registry->depot;
    char entry[DEPOT_ENTRY_MAX + 1];
    int rc = 0;
    depot_entry(&manifest->digest, entry);
    if (contents->subject.text[0]) {
        AUTO_FREE char *folder = depot_referrers(&contents->subject);
        rc = depot_link_set(depot, name, folder, entry, "", err);
    }
    return rc ? rc : depot_link_set(depot, name, DEPOT_MANIFESTS, entry, manifest->media_type, err);
}

/* The tag of a filter is an image of the store, any other tag a link: never both. */
int put_tag(struct distribution *registry, const char *name, const char *tag,
            const struct dist_manifest *manifest, const struct contents *contents, struct err *err)
{
    int rc = filter_store(registry, name, tag, manifest, contents, err);
    if (!rc) {
        rc = depot_link_drop(registry->depot, name, DEPOT_TAGS, tag, err);
    } else if (rc == ERR_UNSUPPORTED) {
        rc = depot_link_set(registry->depot, name, DEPOT_TAGS, tag, manifest->digest.text, err);
        if (!rc)
            rc = filter_remove(registry, name, tag, err);
    }
    if (rc == ERR_NOT_FOUND)
        rc = 0;
    if (!rc)
        err_release(err);
    return rc;
}

static void tell(const struct putting *putting, struct dist_call *call)
{
    const struct dist_manifest *manifest = &putting->manifest;
    dist_empty(call->reply, 201);
    dist_field(call->reply, "Location", "/v2/%s/manifests/%s", call->path.name,
               manifest->digest.text);
    server_reply_field(call->reply, "Docker-Content-Digest", manifest->digest.text);
    if (putting->contents.subject.text[0])
        server_reply_field(call->reply, "OCI-Subject", putting->contents.subject.text);
    for (size_t i = 0; !putting->by_tag && i < putting->tag_count; i++)
        server_reply_field(call->reply, "OCI-Tag", putting->tags[i]);
}

/* Makes the manifest one of the repository, with its tags. */
static int place(struct putting *putting, struct dist_call *call, struct err *err)
{
    const struct dist_manifest *manifest = &putting->manifest;
    int rc = check_parts(putting, call, err);
    if (!rc)
        rc = depot_blob_write(call->registry->depot, buf_text(&manifest->bytes),
                              manifest->bytes.len, &manifest->digest, err);
    if (!rc)
        rc = put_link(call->registry, call->path.name, manifest, &putting->contents, err);
    for (size_t i = 0; !rc && i < putting->tag_count; i++)
        rc = put_tag(call->registry, call->path.name, putting->tags[i], manifest,
                     &putting->contents, err);
    return rc;
}

static int store(struct dist_call *call, void *arg, struct err *err)
{
    struct putting *putting = arg;
    struct distribution *registry = call->registry;
    int rc = read_manifest(putting, call, err);
    if (!rc)
        rc = depot_begin(registry->depot, err);
    if (rc)
        return rc;
    rc = place(putting, call, err);
    depot_end(registry->depot);
    if (registry->options.changed)
        registry->options.changed(registry->options.arg);
    if (!rc)
        tell(putting, call);
    return rc;
}

static int take_piece(void *arg, const void *data, size_t len, struct err *err)
{
    struct putting *putting = arg;
    (void)err;
    buf_add(&putting->manifest.bytes, data, len);
    return 0;
}

static int end_body(void *arg, const struct server_request *request, struct server_reply *reply,
                    struct err *err)
{
    struct putting *putting = arg;
    struct dist_call *call = &putting->call;
    call->request = request;
    call->reply = reply;
    if (reply && !read_names(putting, call, err))
        return dist_defer(call, store, putting_free, putting);
    putting_free(putting);
    return 0;
}

int put_manifest(struct dist_call *call, struct err *err)
{
    struct putting *putting = mem_zero(1, sizeof(*putting));
    (void)err;
    putting->call = *call;
    buf_init(&putting->manifest.bytes, MANIFEST_MAX);
    call->reply->sink = (struct server_sink){
        .limit = MANIFEST_MAX, .piece = take_piece, .end = end_body, .arg = putting};
    return 0;
}
