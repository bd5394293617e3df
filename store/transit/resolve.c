#include "store/transit/resolve.h"

#include <stdlib.h>

#include "base/mem.h"
#include "image/manifest.h"
#include "store/pack.h"

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

static int read_manifest(const struct fetch_wish *wish, struct fetched *item, struct err *err)
{
    int rc = manifest_parse(item->raw.data, item->raw.len, &item->manifest, err);
    if (!rc)
        rc = form_find(&item->manifest, &item->form, err);
    if (rc)
        return err_wrap(err, "manifest %s", item->raw.digest.text);
    item->present = wish->keep && store_holds(wish->store, item->ref, &item->raw.digest,
                                              &item->wasm_digest, &item->wasm_size);
    return 0;
}

static void ask(struct resolving *resolving);

static void manifest_done(void *arg, struct registry_want *want)
{
    struct resolving *resolving = arg;
    struct fetched *item = resolving->item;
    registry_manifest_release(&item->raw);
    item->raw = want->manifest;
    want->manifest = (struct registry_manifest){0};
    item->rc = err_move(&item->err, &want->err);
    if (!item->rc && index_is_one(item->raw.data, item->raw.len)) {
        item->rc = choose_child(resolving->wish, item, resolving->above, &item->err);
        if (!item->rc) {
            resolving->above++;
            ask(resolving);
            return;
        }
    }
    if (!item->rc)
        item->rc = read_manifest(resolving->wish, item, &item->err);
    resolving->done(resolving->arg, item);
}

static void ask(struct resolving *resolving)
{
    struct registry_want *want = &resolving->asked[resolving->above];
    *want = (struct registry_want){
        .ref = fetched_ref(resolving->item),
        .done = manifest_done,
        .done_arg = resolving,
    };
    registry_wants_add(resolving->wants, want);
}

void resolve_begin(struct resolving *resolving)
{
    resolving->above = 0;
    ask(resolving);
}
