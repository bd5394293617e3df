/* wasme load: images of an archive or folder into the store. */
#include <stdlib.h>

#include "base/mem.h"
#include "cmd/each.h"
#include "cmd/fetch_args.h"
#include "cmd/log.h"
#include "cmd/settings.h"
#include "cmd/transfer.h"
#include "image/layout.h"
#include "store/transit/archive_source.h"
#include "store/transit/keep.h"

struct load_args {
    const char *tag;
    struct fetch_args fetch;
    const char *store;
};

struct load_job {
    struct store *store;
    struct platform platform;
    struct fetch_wish wish;
    struct archive_source source;
};

static void load_release(struct load_job *load)
{
    archive_source_release(&load->source);
    platform_release(&load->platform);
    store_close(load->store);
}

/* Stores the image that the child of the index names, under `to`. */
static int load_image(struct load_job *load, const struct index_child *child, const struct ref *to,
                      struct err *err)
{
    const struct image_source source = source_from_archive(&load->source);
    struct ref from = {
        .registry = to->registry,
        .repository = to->repository,
        .digest = child->descriptor.digest,
        .full = to->full,
    };
    AUTO(fetched_release) struct fetched item = {.ref = &from};
    int rc = fetch_images(&source, &load->wish, &item, 1, err);
    if (!rc)
        rc = err_move(err, &item.err);
    if (!rc && to->digest.text[0] && !digest_equal(&to->digest, &item.raw.digest))
        rc = err_set(err, ERR_DAMAGED, "the digest of the image is %s, not the one in its name",
                     item.raw.digest.text);
    if (rc)
        return rc;
    keep_tell_form(&item, &log_notice);
    rc = keep_fetched(load->store, &item, to, &log_notice, err);
    if (rc)
        return rc;
    log_info("loaded image", "image", to->full, "manifest", item.raw.digest.text, "wasm",
             item.wasm_digest.text, NULL);
    transfer_print(to, &item.raw.digest);
    return 0;
}

/* Loads a child of the index, under the tag of --tag, else under its name in the archive. */
static int load_child(struct load_job *load, const struct load_args *args, size_t number,
                      struct err *err)
{
    const struct index_child *child = &load->source.index.children[number];
    const char *name = args->tag ? args->tag : layout_name(child);
    AUTO(ref_release) struct ref to = {0};
    if (!name)
        return err_set(err, ERR_FAILED,
                       "image %s has no name in the archive%s%s%s: name it with "
                       "--tag REF",
                       child->descriptor.digest.text, child->ref_name ? ", only the tag \"" : "",
                       child->ref_name ? child->ref_name : "", child->ref_name ? "\"" : "");
    int rc = settings_ref(name, &to, err);
    if (!rc && args->tag && to.digest.text[0])
        rc = err_set(err, ERR_USAGE, "--tag %s: a tag is wanted, not a digest", name);
    if (!rc)
        rc = load_image(load, child, &to, err);
    return rc ? err_wrap(err, "load %s", name) : 0;
}

/* Marks the children of the index that are images to load, and logs why the others are not. */
static size_t choose_images(const struct load_job *load, bool *wanted)
{
    size_t count = 0;
    for (size_t i = 0; i < load->source.index.count; i++) {
        const char *why = archive_source_beside(&load->source, i);
        const char *digest = load->source.index.children[i].descriptor.digest.text;
        if (why)
            log_info("skipped", "manifest", digest, "because", why, NULL);
        wanted[i] = !why;
        count += wanted[i];
    }
    return count;
}

static int load_all(struct load_job *load, const struct load_args *args, struct err *err)
{
    AUTO_FREE bool *wanted = mem_zero(load->source.index.count + 1, sizeof(*wanted));
    size_t count = choose_images(load, wanted);
    AUTO(each_result_release) struct each_result result = {.command = "load", .count = count};
    if (args->tag && count > 1)
        return err_set(err, ERR_USAGE,
                       "load: --tag is for an archive of one image, and this one has %zu", count);
    if (count == 0)
        return err_set(err, ERR_FAILED, "%s has no images", load->source.archive.shown);
    for (size_t i = 0; i < load->source.index.count; i++) {
        int rc = wanted[i] ? load_child(load, args, i, err) : 0;
        if (rc == ERR_INTERRUPTED)
            return rc;
        /* A name in the archive that is no reference is no mistake on the command line. */
        each_take(&result, rc ? ERR_FAILED : 0, err);
    }
    return each_finish(&result, err);
}

static int begin(const char *path, const struct load_args *args, struct load_job *load,
                 struct err *err)
{
    struct fetch_wish *wish = &load->wish;
    int rc = fetch_args_read(&args->fetch, &load->platform, wish, err);
    if (!rc)
        rc = settings_store(args->store, &load->store, err);
    wish->store = load->store;
    return rc ? rc : archive_source_open(path, wish->max_size, settings_tmp(), &load->source, err);
}

static int load(const struct cli *cli, void *opaque, struct err *err)
{
    const struct load_args *args = opaque;
    AUTO(load_release) struct load_job job = {.source = ARCHIVE_SOURCE_INIT};
    int rc = begin(cli->args[0], args, &job, err);
    return rc ? rc : load_all(&job, args, err);
}

static const struct option options[] = {
    OPT_TEXT(struct load_args, tag, 't', "tag", "REF", COMPLETE_REF,
             "store the archive's one image under REF"),
    FETCH_OPTIONS(struct load_args, MAX_SIZE_HELP, PLATFORM_HELP),
    STORE_OPTION(struct load_args, store),
    OPT_END,
};

extern const struct command load_command;
const struct command load_command = {
    .name = "load",
    .summary = "bring the images of an archive into the local store",
    .details = "FILE is a tar, plain or compressed by gzip or zstd, as wasme save, skopeo, oras,\n"
               "podman and Docker write it. DIR is the folder of an OCI image layout.\n"
               "Prints REF@DIGEST of each image.",
    .example = "wasme load filters.tar",
    .positionals = POSITIONALS({.name = "FILE|DIR",
                                .help = "the archive (-: standard input), or a folder",
                                .complete = COMPLETE_FILE}),
    .options = options,
    .args_size = sizeof(struct load_args),
    .run = load,
};
