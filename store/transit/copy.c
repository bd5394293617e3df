#include "store/transit/copy.h"

#include "base/mem.h"
#include "store/transit/clone.h"
#include "store/transit/fetch.h"
#include "store/transit/keep.h"
#include "store/transit/outgoing.h"

/* Registry to registry. An index is copied whole, with all its images. */
static int stream(struct copy *copy, struct err *err)
{
    struct registry_copy job = {.from = &copy->from.ref,
                                .to = &copy->to.ref,
                                .spool_dir = copy->spool_dir,
                                .max_size = copy->wish.max_size};
    int rc = registry_copy(copy->registry, &job, err);
    copy->digest = job.digest;
    copy->unchanged = job.unchanged;
    return rc;
}

/* Store to registry. */
static int push(struct copy *copy, struct err *err)
{
    const struct packing as_it_is = {0};
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    AUTO(outgoing_release) struct outgoing out = {0};
    int rc = store_get(copy->from.store, &copy->from.ref, &image, err);
    if (!rc)
        rc = outgoing_prepare(&as_it_is, copy->from.store, &image, &out, err);
    if (out.note)
        notice_say(copy->notice, NOTICE_WARNING, "%s", out.note);
    if (!rc)
        rc = outgoing_push(&out, copy->registry, &copy->to.ref, &copy->unchanged, err);
    copy->digest = out.bundle.digest;
    return rc;
}

static int check_digest(const struct copy *copy, const struct digest *digest, struct err *err)
{
    const struct digest *wanted = &copy->to.ref.digest;
    if (!wanted->text[0] || digest_equal(wanted, digest))
        return 0;
    return err_set(err, ERR_FAILED,
                   "the image is %s, and the target names another digest: leave it out",
                   digest->text);
}

/* Registry to store. */
static int pull(struct copy *copy, struct err *err)
{
    const struct image_source source = source_from_registry(copy->registry);
    AUTO(fetched_release) struct fetched item = {.ref = &copy->from.ref, .to = &copy->to.ref};
    copy->wish.store = copy->to.store;
    copy->wish.look_in = copy->to.store;
    copy->wish.keep = true;
    int rc = fetch_images(&source, &copy->wish, &item, 1, err);
    if (!rc)
        rc = err_move(err, &item.err);
    if (!rc)
        rc = check_digest(copy, &item.raw.digest, err);
    if (rc)
        return rc;
    copy->digest = item.raw.digest;
    copy->unchanged = item.present;
    if (item.present)
        return 0;
    keep_tell_form(&item, copy->notice);
    return keep_fetched(copy->to.store, &item, &copy->to.ref, copy->notice, err);
}

/* Store to store, which may be the same one. */
static int store(struct copy *copy, struct err *err)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    AUTO(store_pack_release) struct store_pack pack = {0};
    bool same = copy->from.store == copy->to.store;
    int rc = same ? store_tag(copy->from.store, &copy->from.ref, &copy->to.ref, err) : 0;
    if (!rc)
        rc = store_get(copy->from.store, same ? &copy->to.ref : &copy->from.ref, &image, err);
    if (!rc)
        rc = store_pack(&image, &pack, err);
    if (!rc && !same)
        rc = clone_image(copy->to.store, &copy->to.ref, &image, &pack, err);
    copy->digest = pack.digest;
    return rc;
}

int copy_run(struct copy *copy, struct err *err)
{
    if (copy->to.store)
        return copy->from.store ? store(copy, err) : pull(copy, err);
    return copy->from.store ? push(copy, err) : stream(copy, err);
}
