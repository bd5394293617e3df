#include "store/distribution/through.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "image/media_type.h"
#include "store/distribution/compat.h"
#include "store/distribution/defer.h"
#include "store/distribution/filter.h"
#include "store/distribution/images.h"
#include "store/distribution/mount.h"
#include "store/distribution/put.h"
#include "store/distribution/upstream.h"

/* Whether the call can be answered from what is here. */
static bool is_here(struct dist_call *call, struct dist_manifest *out)
{
    dist_manifest_release(out);
    *out = (struct dist_manifest){0};
    return pull_find(call, out, ERR_IGNORED) == 0;
}

/* Whether the tag is that of an image which did not come from the upstream. */
static bool is_foreign(struct dist_call *call)
{
    struct distribution *registry = call->registry;
    const struct snapshot_image *image = NULL;
    AUTO(store_snapshot_drop_at)
    struct store_snapshot *snapshot = registry->options.images(registry->options.arg, false);
    return snapshot &&
           images_by_tag(registry, snapshot, call->path.name, call->path.key, &image,
                         ERR_IGNORED) == 0 &&
           image_place(registry, image, call->path.name) != PLACE_OWN;
}

/* Makes the reply of a failure for which nothing here stands in; returns false. */
static bool refuse(struct dist_call *call, int rc, const char *unknown, struct err *err)
{
    const char *name = upstream_name(call->registry->upstream);
    if (rc == ERR_NOT_FOUND) {
        dist_error(call->reply, 404, unknown, "%s has no %s in %s", name, call->path.key,
                   call->path.name);
        return false;
    }
    if (rc == ERR_FULL) {
        dist_fail(call, err);
        return false;
    }
    /* The reason may name files of this machine, and hosts behind the upstream. */
    if (rc == ERR_DENIED)
        dist_error(call->reply, 403, "DENIED",
                   "%s gives no access to %s: the server's log says why", name, call->path.name);
    else
        dist_error(call->reply, 502, "UNKNOWN", "%s cannot be asked: the server's log says why",
                   name);
    notice_say(call->registry->options.notice, NOTICE_WARNING, "%s: %s", name, err_text(err));
    return false;
}

/* For a thread that waited for another one: whether asking again would come to the same failure. */
static bool has_failed(int rc, const char *name, struct err *err)
{
    if (rc && rc != ERR_NOT_FOUND)
        err_set(err, rc, "%s failed just now: the log says why", name);
    return err->code;
}

/* --- Blobs --- */

static bool has_blob(struct dist_call *call, const struct digest_any *digest)
{
    AUTO_CLOSE int fd = -1;
    long long size = 0;
    const char *name = call->path.name;
    return pull_open_blob(call->registry, name, digest, &fd, &size, ERR_IGNORED) == 0 ||
           compat_blob(call->registry, name, digest, false, &fd, &size, ERR_IGNORED) == 0;
}

static int fetch_blob(struct dist_call *call, const struct digest_any *digest, struct err *err)
{
    struct distribution *registry = call->registry;
    AUTO(spool_end) struct spool spool = SPOOL_INIT;
    struct digest sha256;
    int rc = digest_parse(digest->text, &sha256, ERR_IGNORED) == 0
                 ? spool_begin(registry->depot, &spool, err)
                 : err_set(err, ERR_NOT_FOUND, "only sha256 is asked for");
    if (!rc)
        rc = upstream_blob(registry->upstream, call->path.name, &sha256,
                           registry->options.max_upload, spool.fd, err);
    if (!rc)
        rc = file_sync(spool.fd, spool.path, err);
    if (!rc)
        rc = depot_begin(registry->depot, err);
    if (rc)
        return rc;
    rc = depot_blob_take(registry->depot, spool.path, digest, err);
    if (!rc)
        rc = mount_link(registry, call->path.name, digest, err);
    depot_end(registry->depot);
    return rc;
}

/* Fetches the blob, unless it is here, or another thread has just fetched it. */
static int bring_blob(struct dist_call *call, const struct digest_any *digest, struct err *err)
{
    struct flights *flights = upstream_flights(call->registry->upstream);
    AUTO_FREE char *name = mem_printf("%s@%s", call->path.name, digest->text);
    int rc = 0;
    while (!has_blob(call, digest)) {
        if (has_failed(rc, name, err))
            return rc;
        if (!flights_begin(flights, name, &rc))
            continue;
        rc = has_blob(call, digest) ? 0 : fetch_blob(call, digest, err);
        flights_end(flights, name, rc);
        return rc;
    }
    return 0;
}

bool through_blob(struct dist_call *call)
{
    AUTO(err_release) struct err err = ERR_INIT;
    struct digest_any digest;
    if (!call->registry->upstream || digest_any_parse(call->path.key, &digest, ERR_IGNORED) != 0)
        return true;
    int rc = bring_blob(call, &digest, &err);
    /* A blob that the upstream does not have may be one of an image that is made here. */
    return !rc || rc == ERR_NOT_FOUND || refuse(call, rc, "BLOB_UNKNOWN", &err);
}

/* --- Manifests --- */

static bool is_digest(const char *key)
{
    return strchr(key, ':') != NULL;
}

/* Fetches the blobs of a filter. */
static int bring_blobs(struct dist_call *call, const struct contents *contents, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < contents->count; i++)
        if (!contents->parts[i].elsewhere)
            rc = bring_blob(call, &contents->parts[i].digest, err);
    return rc;
}

/* Gives the manifest its name; a filter that was asked for by digest is an image too. */
static int name_manifest(struct dist_call *call, const struct dist_manifest *manifest,
                         const struct contents *contents, struct err *err)
{
    struct distribution *registry = call->registry;
    const char *key = call->path.key;
    if (!is_digest(key))
        return put_tag(registry, call->path.name, key, manifest, contents, err);
    int rc = filter_store(registry, call->path.name, key, manifest, contents, err);
    if (rc != ERR_UNSUPPORTED)
        return rc;
    err_release(err);
    return 0;
}

static int store_manifest(struct dist_call *call, const struct dist_manifest *manifest,
                          const struct contents *contents, struct err *err)
{
    struct distribution *registry = call->registry;
    int rc = filter_may_be(manifest, contents) ? bring_blobs(call, contents, err) : 0;
    if (!rc)
        rc = depot_begin(registry->depot, err);
    if (rc)
        return rc;
    rc = depot_blob_write(registry->depot, buf_text(&manifest->bytes), manifest->bytes.len,
                          &manifest->digest, err);
    if (!rc)
        rc = put_link(registry, call->path.name, manifest, contents, err);
    if (!rc)
        rc = name_manifest(call, manifest, contents, err);
    depot_end(registry->depot);
    if (registry->options.changed)
        registry->options.changed(registry->options.arg);
    return rc;
}

/* Keeps a manifest that came. */
static int keep(struct dist_call *call, const struct registry_manifest *raw, struct err *err)
{
    AUTO(dist_manifest_release) struct dist_manifest manifest = {0};
    AUTO(contents_release) struct contents contents = {0};
    int rc = contents_read(raw->data, raw->len, &contents, err);
    if (rc)
        return err_wrap(err, "manifest %s", call->path.key);
    const char *type = contents.media_type ? contents.media_type : raw->media_type;
    manifest.media_type = mem_dup(contents_type_valid(type) ? type : MEDIA_OCI_MANIFEST);
    digest_widen(&raw->digest, &manifest.digest);
    buf_init(&manifest.bytes, MANIFEST_MAX);
    buf_add(&manifest.bytes, raw->data, raw->len);
    return store_manifest(call, &manifest, &contents, err);
}

/* Asks the upstream for the manifest. `known` has the one that is here, or none. */
static int update(struct dist_call *call, const struct dist_manifest *known, struct err *err)
{
    AUTO(registry_manifest_release) struct registry_manifest raw = {0};
    struct digest digest;
    bool unchanged = false;
    bool have = digest_narrow(&known->digest, &digest);
    int rc = upstream_manifest(call->registry->upstream, call->path.name, call->path.key,
                               have ? &digest : NULL, &raw, &unchanged, err);
    if (rc || unchanged || (have && digest_equal(&raw.digest, &digest)))
        return rc;
    return keep(call, &raw, err);
}

/* Settles what an update came to. Returns 0 when what is here may be served. */
static int settle(struct dist_call *call, const char *name, int rc, bool here, struct err *err)
{
    struct upstream *upstream = call->registry->upstream;
    if (rc == ERR_NOT_FOUND && here && is_foreign(call))
        rc = 0;
    if (rc != ERR_NOT_FOUND)
        upstream_asked(upstream, name, rc != 0);
    if (!rc || rc == ERR_NOT_FOUND || !here)
        return rc;
    notice_say(call->registry->options.notice, NOTICE_WARNING,
               "%s: %s: the copy of %s that is here is served", upstream_name(upstream),
               err_text(err), name);
    return 0;
}

/* Brings the manifest that the path names. */
static int bring_manifest(struct dist_call *call, struct err *err)
{
    struct upstream *upstream = call->registry->upstream;
    struct flights *flights = upstream_flights(upstream);
    AUTO(dist_manifest_release) struct dist_manifest here = {0};
    bool by_digest = is_digest(call->path.key);
    AUTO_FREE char *name =
        mem_printf("%s%c%s", call->path.name, by_digest ? '@' : ':', call->path.key);
    for (int rc = 0;;) {
        bool have = is_here(call, &here);
        if (have && (by_digest || upstream_is_fresh(upstream, name)))
            return 0;
        if (has_failed(rc, name, err))
            return settle(call, name, rc, have, err);
        if (!flights_begin(flights, name, &rc))
            continue;
        have = is_here(call, &here);
        rc = have && by_digest ? 0 : update(call, &here, err);
        int settled = settle(call, name, rc, have, err);
        flights_end(flights, name, rc);
        return settled;
    }
}

/* For a tag that stands for the image of another tag, brings that one. False: the tag does not, or
 * the other one is not there. */
static bool bring_base(struct dist_call *call)
{
    size_t len = strlen(call->path.key), suffix = strlen(COMPAT_SUFFIX);
    struct dist_call base = *call;
    if (len <= suffix || strcmp(call->path.key + len - suffix, COMPAT_SUFFIX) != 0)
        return false;
    base.path.key[len - suffix] = '\0';
    return bring_manifest(&base, ERR_IGNORED) == 0;
}

bool through_manifest(struct dist_call *call)
{
    AUTO(err_release) struct err err = ERR_INIT;
    struct digest_any digest;
    const char *key = call->path.key;
    if (!call->registry->upstream)
        return true;
    if (is_digest(key) ? digest_any_parse(key, &digest, ERR_IGNORED) != 0 : !ref_tag_valid(key))
        return true;
    int rc = bring_manifest(call, &err);
    if (rc == ERR_NOT_FOUND && bring_base(call))
        rc = 0;
    return !rc || refuse(call, rc, "MANIFEST_UNKNOWN", &err);
}

void through_tags(struct dist_call *call, struct registry_names *out)
{
    AUTO(err_release) struct err err = ERR_INIT;
    struct upstream *upstream = call->registry->upstream;
    int rc = upstream ? upstream_tags(upstream, call->path.name, out, &err) : 0;
    if (rc && rc != ERR_NOT_FOUND)
        notice_say(call->registry->options.notice, NOTICE_WARNING,
                   "%s: %s: the tags that are here are served", upstream_name(upstream),
                   err_text(&err));
}
