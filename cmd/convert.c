/* wasme convert: a stored image, made anew in another form. */
#include <stdio.h>

#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/packing_args.h"
#include "cmd/settings.h"
#include "store/pack.h"

struct convert_args {
    struct packing_args packing;
    const char *tag;
    const char *store;
};

static int convert_image(struct store *store, const struct packing *packing, const struct ref *from,
                         const struct ref *to, struct err *err)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    AUTO(packed_release) struct packed packed = {0};
    int rc = store_get(store, from, &image, err);
    const struct filter filter = store_image_filter(&image);
    if (!rc)
        rc = packing_make(packing, store, &filter, &packed, err);
    if (!rc) {
        struct store_parts parts = store_parts_of(&filter, NULL);
        parts.from = &image;
        packed_keep(&packed, &parts);
        rc = store_commit(store, to, &parts, err);
    }
    if (rc)
        return err_wrap(err, "convert %s", from->full);
    log_info("converted image", "format", form_name(packing->options.form), "image", to->full,
             "manifest", packed.package.digest.text, "wasm", image.layer.digest.text, NULL);
    printf("%s@%s\n", to->full, packed.package.digest.text);
    return 0;
}

static int convert(const struct cli *cli, void *opaque, struct err *err)
{
    const struct convert_args *args = opaque;
    AUTO(store_close_at) struct store *store = NULL;
    AUTO(packing_release) struct packing packing = {0};
    AUTO(ref_release) struct ref from = {0};
    AUTO(ref_release) struct ref to = {0};
    int rc = packing_args_read(&args->packing, &packing, err);
    if (!rc)
        rc = settings_ref(cli->args[0], &from, err);
    if (!rc)
        rc = settings_ref(args->tag ? args->tag : cli->args[0], &to, err);
    if (!rc && to.digest.text[0])
        rc =
            err_set(err, ERR_USAGE,
                    "convert: %s: another form has another digest: name a tag with --tag", to.full);
    if (!rc)
        rc = settings_store(args->store, &store, err);
    return rc ? rc : convert_image(store, &packing, &from, &to, err);
}

static const struct option options[] = {
    OPT_TEXT(struct convert_args, packing.format, 0, "to", "FORMAT", COMPLETE_NONE,
             "the form to make", .values = form_written, .required = true),
    OPT_TEXT(struct convert_args, tag, 't', "tag", "REF", COMPLETE_REF,
             "store the result under REF and leave the image as it is"),
    ANNOTATION_OPTION(struct convert_args),
    STORE_OPTION(struct convert_args, store),
    OPT_END,
};

extern const struct command convert_command;
const struct command convert_command = {
    .name = "convert",
    .summary = "make an image of the local store anew in another form",
    .details = "The wasm stays the same; the manifest, and so the image's digest, changes.\n"
               "Prints REF@DIGEST, with the digest of the new manifest.",
    .example = "wasme convert harbor.example/base/filter:v1 --to compat",
    .positionals = POSITIONALS(
        {.name = "REF", .help = "the image of the local store", .complete = COMPLETE_REF}),
    .options = options,
    .args_size = sizeof(struct convert_args),
    .run = convert,
};
