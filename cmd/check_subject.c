#include "cmd/check_subject.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "cmd/progress.h"
#include "cmd/settings.h"
#include "image/gateway.h"

void subject_release(struct subject *subject)
{
    for (size_t i = 0; subject->layers && i < subject->manifest.layer_count; i++)
        mem_close_at(&subject->layers[i]);
    free(subject->layers);
    mem_close_at(&subject->file);
    store_pack_release(&subject->pack);
    store_image_release(&subject->image);
    manifest_release(&subject->manifest);
    ref_release(&subject->child);
    free(subject->choice);
    index_release(&subject->index);
    for (size_t i = 0; i < subject->step_count; i++)
        registry_manifest_release(&subject->texts[i]);
    registry_manifest_release(&subject->raw);
    ref_release(&subject->ref);
}

void subject_place_release(struct subject_place *place)
{
    transfer_end(&place->transfer);
}

const char *subject_ref(const struct subject *subject)
{
    const char *stored = settings_in_store(subject->text);
    return stored ? stored : subject->text;
}

int subject_scratch(int *fd, struct err *err)
{
    return file_temporary(settings_tmp(), fd, err);
}

/* --- Files --- */

/* Whether the text looks like the name of a file. No image has such a name, and the error of a
 * registry would mislead the user. */
static bool is_file_name(const char *text)
{
    size_t len = strlen(text);
    return len > 5 && strcmp(text + len - 5, ".wasm") == 0 &&
           (!strchr(text, '/') || *text == '.' || *text == '/');
}

static int open_file(struct subject *subject, struct err *err)
{
    off_t size = 0;
    int rc = file_open_regular(subject->text, &subject->file, &size, err);
    return rc ? rc : digest_of_fd(subject->file, &subject->digest, NULL, err);
}

/* --- Images --- */

/* Reads the manifest; no layer is opened yet. */
static int take_manifest(struct subject *subject, const char *text, size_t len, struct err *err)
{
    int rc = manifest_parse(text, len, &subject->manifest, err);
    if (rc)
        return err_wrap(err, "manifest %s", subject->digest.text);
    subject->layers = mem_zero(subject->manifest.layer_count + 1, sizeof(*subject->layers));
    for (size_t i = 0; i < subject->manifest.layer_count; i++)
        subject->layers[i] = -1;
    return 0;
}

/* Keeps the text for the gateways. */
static void keep_step(struct subject *subject, const struct registry_manifest *raw)
{
    struct registry_manifest *text = &subject->texts[subject->step_count];
    *text = (struct registry_manifest){.data = mem_dup_n(raw->data, raw->len),
                                       .len = raw->len,
                                       .content_type = mem_dup_or_null(subject->raw.content_type),
                                       .digest = raw->digest};
    subject->steps[subject->step_count++] =
        (struct gateway_step){text->data, text->len, &text->digest, text->content_type};
}

static int open_stored(struct subject *subject, struct err *err)
{
    struct subject_place *place = subject->place;
    struct store **store = &place->transfer.store;
    subject->kind = SUBJECT_STORED;
    int rc = *store ? 0 : settings_store(place->store, store, err);
    if (!rc)
        rc = settings_image(*store, subject_ref(subject), &subject->ref, &subject->image, err);
    if (!rc)
        rc = store_pack(&subject->image, &subject->pack, err);
    if (rc)
        return rc;
    subject->digest = subject->pack.digest;
    const struct buf *text = &subject->pack.manifest;
    keep_step(subject, &(struct registry_manifest){
                           .data = text->data, .len = text->len, .digest = subject->digest});
    return take_manifest(subject, buf_text(&subject->pack.manifest), subject->pack.manifest.len,
                         err);
}

static const struct ref *image_ref(const struct subject *subject)
{
    return subject->child.full ? &subject->child : &subject->ref;
}

/* Makes the child of the subject the image, or index, that gateways choose from an index. */
static int choose_child(struct subject *subject, const struct image_index *index, struct err *err)
{
    AUTO(index_choice_release) struct index_choice choice = {0};
    int rc = index_choose(index, NULL, &choice, err);
    bool chosen = gateway_choose(index, &choice.child);
    if (rc && !chosen)
        return rc;
    err_release(err);
    if (rc)
        choice.words = mem_printf("%zu of %zu", choice.child + 1, index->count);
    ref_release(&subject->child);
    ref_child(&subject->ref, &index->children[choice.child].descriptor.digest, &subject->child);
    if (!subject->choice)
        subject->choice = STEAL(choice.words);
    return 0;
}

/* Follows the index in `raw`, and the indexes that it leads to, and leaves the manifest of the
 * image in `raw`; or sets `empty` when an index has no image to choose. */
static int follow(struct subject *subject, struct registry_manifest *raw, struct err *err)
{
    for (int above = 0; index_is_one(raw->data, raw->len); above++) {
        AUTO(index_release) struct image_index inner = {0};
        struct image_index *index = above == 0 ? &subject->index : &inner;
        int rc = index_parse(raw->data, raw->len, index, err);
        if (!rc)
            rc = index_check_depth(above, err);
        if (!rc)
            keep_step(subject, raw);
        if (!rc)
            rc = choose_child(subject, index, err);
        subject->has_index = true;
        subject->empty = rc == ERR_NOT_FOUND;
        if (rc && !subject->empty)
            return err_wrap(err, "index %s", raw->digest.text);
        if (subject->empty) {
            err_release(err);
            return 0;
        }
        registry_manifest_release(raw);
        *raw = (struct registry_manifest){0};
        rc = registry_get_manifest(subject->place->transfer.registry, &subject->child, raw, err);
        if (rc)
            return err_wrap(err, "index %s", subject->raw.digest.text);
    }
    return 0;
}

static int open_remote(struct subject *subject, struct err *err)
{
    AUTO(registry_manifest_release) struct registry_manifest image = {0};
    struct subject_place *place = subject->place;
    subject->kind = SUBJECT_REMOTE;
    int rc = settings_ref(subject->text, &subject->ref, err);
    if (!rc && !place->begun) {
        rc = transfer_begin(&place->transfer, place->args, err);
        place->begun = !rc;
    }
    if (!rc)
        rc = registry_get_manifest(place->transfer.registry, &subject->ref, &subject->raw, err);
    if (rc)
        return rc;
    image = (struct registry_manifest){
        .data = mem_dup_n(subject->raw.data, subject->raw.len),
        .len = subject->raw.len,
        .digest = subject->raw.digest,
    };
    rc = follow(subject, &image, err);
    if (rc || subject->empty)
        return rc;
    subject->digest = image.digest;
    keep_step(subject, &image);
    return take_manifest(subject, image.data, image.len, err);
}

static int open_image(struct subject *subject, struct err *err)
{
    bool named = settings_in_store(subject->text);
    if (named || !subject->place->remote) {
        int rc = open_stored(subject, err);
        if (named || rc != ERR_NOT_FOUND)
            return rc;
        err_release(err);
        ref_release(&subject->ref);
    }
    int rc = open_remote(subject, err);
    bool sought = !named && !subject->place->remote && !subject->raw.data;
    return rc && rc != ERR_USAGE && sought
               ? err_wrap(err, "not in the local store, nor to be had from the registry")
               : rc;
}

enum subject_kind subject_kind_of(const char *text)
{
    if (file_is_regular(text) || is_file_name(text))
        return SUBJECT_FILE;
    return settings_in_store(text) ? SUBJECT_STORED : SUBJECT_REMOTE;
}

int subject_open(struct subject *subject, const char *text, struct subject_place *place,
                 struct err *err)
{
    subject->text = text;
    subject->place = place;
    if (!place->begun)
        stop_when(NULL, place->args->timeout); /* a signal ends the process at once */
    if (file_is_regular(text)) {
        subject->kind = SUBJECT_FILE;
        return open_file(subject, err);
    }
    if (is_file_name(text))
        return err_set(err, ERR_NOT_FOUND,
                       access(text, F_OK) == 0 ? "it is no regular file" : "there is no such file");
    return open_image(subject, err);
}

/* --- Layers --- */

static int fetch_layer(struct subject *subject, const struct descriptor *layer, int fd,
                       struct err *err)
{
    struct registry_want want = {.ref = image_ref(subject), .blob = layer, .fd = fd};
    AUTO_FREE char *title = mem_printf("Looking into %s", subject->text);
    progress_begin(title, "filter.wasm");
    int rc = registry_fetch_all(subject->place->transfer.registry, &want, 1, err);
    progress_end();
    if (!rc)
        rc = err_move(err, &want.err);
    err_release(&want.err);
    return rc;
}

/* Writes the config blob of a stored image, which some forms use as a layer, into a file. */
static int write_config(const struct subject *subject, int fd, struct err *err)
{
    const struct buf *config = &subject->pack.config;
    return file_write_all(fd, buf_text(config), config->len, "the config blob", err);
}

static int get_layer(struct subject *subject, const struct descriptor *layer, int *out,
                     struct err *err)
{
    AUTO_CLOSE int fd = -1;
    if (subject->kind == SUBJECT_REMOTE && layer->size > GATEWAY_READ_MAX)
        return err_set(err, ERR_FAILED,
                       "layer %s has %lld bytes, and was not fetched: gateways read %lld at the "
                       "most",
                       layer->digest.text, layer->size, GATEWAY_READ_MAX);
    int rc = subject_scratch(&fd, err);
    if (!rc)
        rc = subject->kind == SUBJECT_REMOTE ? fetch_layer(subject, layer, fd, err)
                                             : write_config(subject, fd, err);
    if (rc)
        return rc;
    *out = STEAL_FD(fd);
    return 0;
}

/* Compares a layer with its digest. The bytes of a registry are verified while they arrive; a file
 * of the store may have been changed since. */
static int verify(int fd, const struct descriptor *layer, struct err *err)
{
    struct digest found;
    int rc = digest_of_fd(fd, &found, NULL, err);
    if (!rc && !digest_equal(&found, &layer->digest))
        rc = err_set(err, ERR_FAILED,
                     "layer %s is damaged in the store: build or pull the image again",
                     layer->digest.text);
    return rc;
}

int subject_open_layer(void *opaque, const struct descriptor *layer, int *fd, struct err *err)
{
    struct subject *subject = opaque;
    size_t number = (size_t)(layer - subject->manifest.layers);
    bool stored = subject->kind == SUBJECT_STORED && subject->pack.layers[number] >= 0;
    int *own = stored ? &subject->pack.layers[number] : &subject->layers[number];
    int rc = *own < 0 ? get_layer(subject, layer, own, err) : 0;
    if (!rc && stored)
        rc = verify(*own, layer, err);
    if (rc)
        return rc;
    *fd = fcntl(*own, F_DUPFD_CLOEXEC, 0);
    return *fd < 0 ? err_errno(err, "layer %s", layer->digest.text) : 0;
}
