#include "store/transit/resolve.h"

#include <stdlib.h>

#include "base/mem.h"
#include "image/manifest.h"
#include "store/pack.h"

/* Gets the manifest of each item that is `wanted`. */
static int get_manifests(const struct image_source *source, struct fetched *items, size_t count,
                         const bool *wanted, struct err *err)
{
    AUTO_FREE struct registry_manifest_request *requests = mem_zero(count, sizeof(*requests));
    size_t asked = 0;
    for (size_t i = 0; i < count; i++)
        if (wanted[i])
            requests[asked++].ref = fetched_ref(&items[i]);
    int rc = source->manifests(source->arg, requests, asked, err);
    for (size_t i = 0, at = 0; i < count; i++) {
        struct fetched *item = &items[i];
        if (!wanted[i])
            continue;
        registry_manifest_release(&item->raw);
        item->raw = requests[at].manifest;
        int own = err_move(&item->err, &requests[at++].err);
        item->rc = rc ? rc : own;
    }
    return rc;
}

/* Chooses the image, or the next index, that the wish asks for. `above` indexes led to this one. */
static int choose_child(const struct fetch_wish *wish, struct fetched *item, int above,
                        struct err *err)
{
    AUTO(index_release) struct image_index index = {0};
    AUTO(index_choice_release) struct index_choice choice = {0};
    int rc = index_check_depth(above, err);
    if (rc)
        return rc;
    rc = index_parse(item->raw.data, item->raw.len, &index, err);
    if (!rc)
        rc = index_choose(&index, wish->platform, &choice, err);
    if (rc)
        return err_wrap(err, "index %s", item->raw.digest.text);
    ref_release(&item->child);
    ref_child(item->ref, &index.children[choice.child].descriptor.digest, &item->child);
    free(item->choice);
    item->choice = mem_printf("index %s: %s", item->raw.digest.text, choice.words);
    return 0;
}

static int follow_indexes(const struct image_source *source, const struct fetch_wish *wish,
                          struct fetched *items, size_t count, struct err *err)
{
    AUTO_FREE bool *wanted = mem_zero(count + 1, sizeof(*wanted));
    size_t left = count;
    for (size_t i = 0; i < count; i++)
        wanted[i] = true;
    for (int above = 0; left; above++) {
        int rc = get_manifests(source, items, count, wanted, err);
        if (rc)
            return rc;
        left = 0;
        for (size_t i = 0; i < count; i++) {
            struct fetched *item = &items[i];
            wanted[i] = wanted[i] && !item->rc && index_is_one(item->raw.data, item->raw.len);
            if (wanted[i])
                item->rc = choose_child(wish, item, above, &item->err);
            wanted[i] = wanted[i] && !item->rc;
            left += wanted[i];
        }
    }
    return 0;
}

static int read_manifest(const struct fetch_wish *wish, struct fetched *item, struct err *err)
{
    int rc = manifest_parse(item->raw.data, item->raw.len, &item->manifest, err);
    if (!rc)
        rc = form_find(&item->manifest, &item->form, err);
    if (rc)
        return err_wrap(err, "manifest %s", item->raw.digest.text);
    item->present = wish->keep && store_holds(wish->store, item->ref, &item->raw.digest,
                                              &item->wasm_digest, &item->wasm_size);
    if (item->present && wish->done)
        wish->done(wish->done_arg, item);
    return 0;
}

int resolve_images(const struct image_source *source, const struct fetch_wish *wish,
                   struct fetched *items, size_t count, struct err *err)
{
    int rc = follow_indexes(source, wish, items, count, err);
    for (size_t i = 0; !rc && i < count; i++)
        if (!items[i].rc)
            items[i].rc = read_manifest(wish, &items[i], &items[i].err);
    return rc;
}
