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

/* Whether the store holds the image of that manifest, whole. */
static bool holds(const struct fetch_wish *wish, struct fetched *item, const struct digest *digest)
{
    return store_holds(wish->store, fetched_to(item), digest, &item->wasm_digest, &item->wasm_size);
}

/* Takes the store's image, when it is the one of that manifest: the manifest need not come. */
static bool take_present(const struct resolving *resolving, const struct digest *manifest)
{
    struct fetched *item = resolving->item;
    if (!digest_equal(manifest, &resolving->known) || !holds(resolving->wish, item, manifest))
        return false;
    item->present = true;
    registry_manifest_release(&item->raw);
    item->raw.digest = *manifest;
    return true;
}

static int read_manifest(const struct fetch_wish *wish, struct fetched *item, struct err *err)
{
    int rc = manifest_parse(item->raw.data, item->raw.len, &item->manifest, err);
    if (!rc)
        rc = form_find(&item->manifest, &item->form, err);
    if (rc)
        return err_wrap(err, "manifest %s", item->raw.digest.text);
    item->present = wish->keep && holds(wish, item, &item->raw.digest);
    return 0;
}

static void ask(struct resolving *resolving);

/* Goes on after the manifest that came. False: another one is asked for. */
static bool take(struct resolving *resolving)
{
    struct fetched *item = resolving->item;
    if (!index_is_one(item->raw.data, item->raw.len)) {
        item->rc = read_manifest(resolving->wish, item, &item->err);
        return true;
    }
    item->rc = choose_child(resolving->wish, item, resolving->above++, &item->err);
    return item->rc || take_present(resolving, &item->child.digest);
}

/* The store's image has to be whole; otherwise its manifest is asked for after all. */
static bool take_unchanged(struct resolving *resolving)
{
    bool present = take_present(resolving, &resolving->known);
    resolving->known.text[0] = '\0';
    return present;
}

static void manifest_done(void *arg, struct registry_want *want)
{
    struct resolving *resolving = arg;
    struct fetched *item = resolving->item;
    registry_manifest_release(&item->raw);
    item->raw = want->manifest;
    want->manifest = (struct registry_manifest){0};
    item->rc = err_move(&item->err, &want->err);
    if (item->rc || (want->unchanged ? take_unchanged(resolving) : take(resolving)))
        resolving->done(resolving->arg, item);
    else
        ask(resolving);
}

static void ask(struct resolving *resolving)
{
    struct registry_want *want = &resolving->asked[resolving->count++];
    *want = (struct registry_want){
        .ref = fetched_ref(resolving->item),
        .known = resolving->known.text[0] ? &resolving->known : NULL,
        .done = manifest_done,
        .done_arg = resolving,
    };
    registry_wants_add(resolving->wants, want);
}

void resolve_begin(struct resolving *resolving)
{
    const struct fetch_wish *wish = resolving->wish;
    if (!wish->keep ||
        !store_manifest_digest(wish->store, fetched_to(resolving->item), &resolving->known))
        resolving->known.text[0] = '\0';
    ask(resolving);
}
