#include "image/package.h"

#include <limits.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/tar.h"
#include "base/tar_write.h"
#include "image/index.h"
#include "image/annotation.h"
#include "image/media_type.h"

static void package_init(struct package *package, enum image_form form)
{
    *package = (struct package){.form = form};
    buf_init(&package->manifest, MANIFEST_MAX);
    buf_init(&package->config_blob, MANIFEST_MAX);
}

void package_release(struct package *package)
{
    buf_release(&package->manifest);
    buf_release(&package->config_blob);
    descriptor_release(&package->config);
    descriptor_release(&package->layer);
}

static int format_time(long long seconds, char out[CLOCK_TEXT_MAX], struct err *err)
{
    if (seconds < 0 || !clock_format((time_t)seconds, out))
        return err_set(err, ERR_USAGE,
                       "the time of creation %lld is not between 1970 and 9999: look at "
                       "SOURCE_DATE_EPOCH",
                       seconds);
    return 0;
}

static int describe_config(struct package *package, const char *media_type, const char *title,
                           struct err *err)
{
    struct digest digest;
    if (buf_overflowed(&package->config_blob))
        return err_set(err, ERR_FAILED, "the config is larger than %d bytes", MANIFEST_MAX);
    digest_of(package->config_blob.data, package->config_blob.len, &digest);
    descriptor_init(&package->config, media_type, &digest, (long long)package->config_blob.len,
                    title);
    return 0;
}

static int finish(struct package *package, struct err *err)
{
    if (buf_overflowed(&package->manifest))
        return err_set(err, ERR_FAILED,
                       "the manifest is larger than %d bytes: give it fewer annotations",
                       MANIFEST_MAX);
    digest_of(package->manifest.data, package->manifest.len, &package->digest);
    return 0;
}

/* The runtime config as it was given, and as it is written. */
static int read_runtime(const struct filter *filter, struct runtime_config *runtime,
                        struct buf *written, struct err *err)
{
    int rc = runtime_config_parse(filter->runtime, filter->runtime_len, runtime, err);
    if (rc)
        return err_wrap(err, "%s", TITLE_CONFIG);
    runtime_config_write(runtime, written);
    return 0;
}

/* --- oci --- */

static int make_oci(const struct package_options *options, const struct filter *filter,
                    struct package *out, struct err *err)
{
    AUTO(runtime_config_release) struct runtime_config runtime = {0};
    const struct descriptor *wasm = filter->wasm;
    int rc = read_runtime(filter, &runtime, &out->config_blob, err);
    if (!rc)
        rc = describe_config(out, MEDIA_WASM_CONFIG, TITLE_CONFIG, err);
    if (rc)
        return rc;
    descriptor_init(&out->layer, MEDIA_WASM_LAYER, &wasm->digest, wasm->size, TITLE_WASM);
    const struct manifest_oci_parts parts = {&out->config, &out->layer, &runtime,
                                             options->annotations, options->annotation_count};
    manifest_write_oci(&parts, &out->manifest);
    out->media_type = MEDIA_OCI_MANIFEST;
    return 0;
}

/* --- compat and docker --- */

static int hash_piece(void *arg, const void *data, size_t len, struct err *err)
{
    (void)err;
    hasher_update(arg, data, len);
    return 0;
}

/* The digest of the tar within the layer: the diff_id of the image's config (OCI image
 * specification, config.md). The tar is read back from the file that was written. */
static int hash_content(int layer, struct digest *out, struct err *err)
{
    AUTO(hasher_free_at) struct hasher *hasher = hasher_new();
    AUTO(tar_close_at) struct tar_reader *reader = NULL;
    int rc = tar_open_stream(layer, "the layer", LLONG_MAX, &reader, err);
    struct tar_entry entry;
    bool more = false;
    if (!rc)
        rc = tar_next(reader, &entry, &more, err);
    if (!rc)
        rc = tar_each_piece(reader, LLONG_MAX, hash_piece, hasher, err);
    if (!rc)
        hasher_finish(hasher, out);
    return rc;
}

static int write_layer(const struct package_options *options, const struct filter *filter,
                       int layer_fd, struct err *err)
{
    AUTO(tar_abandon_at) struct tar_writer *writer = NULL;
    int rc = tar_create(layer_fd, "the layer", TAR_GZIP, &writer, err);
    if (rc)
        return rc;
    tar_set_time(writer, options->created);
    rc = tar_add_fd(writer, ENTRY_WASM, filter->fd, filter->wasm->size, err);
    if (!rc && filter->runtime_len)
        rc = tar_add(writer, ENTRY_CONFIG, filter->runtime, filter->runtime_len, err);
    return rc ? rc : tar_finish(writer, err);
}

/* The config of an image for linux/amd64, which is what a pull looks for without an index. */
static void write_image_config(const char *created, const char *author,
                               const struct digest *content, struct buf *out)
{
    json_begin_object(out);
    json_put_pair(out, "created", created);
    json_put_pair_if(out, "author", author);
    json_put_pair(out, "architecture", PLATFORM_ARCHITECTURE);
    json_put_pair(out, "os", PLATFORM_OS);
    json_key(out, "config");
    json_begin_object(out);
    json_end_object(out);
    json_key(out, "rootfs");
    json_begin_object(out);
    json_put_pair(out, "type", "layers");
    json_key(out, "diff_ids");
    json_begin_array(out);
    json_put_text(out, content->text);
    json_end_array(out);
    json_end_object(out);
    json_key(out, "history");
    json_begin_array(out);
    json_begin_object(out);
    json_put_pair(out, "created", created);
    json_put_pair(out, "created_by", "wasme: " ENTRY_WASM);
    json_end_object(out);
    json_end_array(out);
    json_end_object(out);
}

static int make_layer(const struct package_options *options, const struct filter *filter,
                      int layer_fd, struct package *out, struct err *err)
{
    bool is_docker = options->form == FORM_DOCKER;
    char created[CLOCK_TEXT_MAX];
    struct digest digest, content;
    long long size = 0;
    int rc = format_time(options->created, created, err);
    if (!rc)
        rc = write_layer(options, filter, layer_fd, err);
    if (!rc)
        rc = hash_content(layer_fd, &content, err);
    if (!rc)
        rc = digest_of_fd(layer_fd, &digest, &size, err);
    if (rc)
        return rc;
    descriptor_init(&out->layer, is_docker ? MEDIA_DOCKER_TAR_GZIP : MEDIA_OCI_TAR_GZIP, &digest,
                    size, NULL);
    out->wrapped = true;
    write_image_config(created, options->author, &content, &out->config_blob);
    return describe_config(out, is_docker ? MEDIA_DOCKER_CONFIG : MEDIA_OCI_CONFIG, NULL, err);
}

/* Our own annotation in front of the caller's; NULL: none of ours. */
static void write_with(const struct package_options *options, const char *key, const char *value,
                       struct package *out)
{
    size_t ours = key ? 1 : 0;
    AUTO_FREE struct annotation *all =
        mem_zero(ours + options->annotation_count, sizeof(*options->annotations));
    if (key)
        all[0] = (struct annotation){key, value};
    if (options->annotation_count)
        memcpy(all + ours, options->annotations, options->annotation_count * sizeof(*all));
    const struct manifest_parts parts = {
        out->media_type, &out->config, &out->layer, 1, all, ours + options->annotation_count};
    manifest_write(&parts, &out->manifest);
}

static int make_image(const struct package_options *options, const struct filter *filter,
                      int layer_fd, struct package *out, struct err *err)
{
    AUTO(runtime_config_release) struct runtime_config runtime = {0};
    AUTO(buf_release) struct buf written = BUF_INIT(RUNTIME_CONFIG_MAX);
    int rc = filter->runtime_len ? read_runtime(filter, &runtime, &written, err) : 0;
    const struct filter as_written = {filter->wasm, filter->fd, buf_text(&written), written.len};
    if (!rc)
        rc = make_layer(options, &as_written, layer_fd, out, err);
    if (rc)
        return rc;
    bool is_docker = options->form == FORM_DOCKER;
    out->media_type = is_docker ? MEDIA_DOCKER_MANIFEST : MEDIA_OCI_MANIFEST;
    write_with(options, is_docker ? NULL : ANNOTATION_VARIANT, "compat", out);
    return 0;
}

/* --- cncf --- */

static void write_names(const char *key, const char *const *names, struct buf *out)
{
    json_key(out, key);
    json_begin_array(out);
    for (; names && *names; names++)
        json_put_text(out, *names);
    json_end_array(out);
}

/* The members and their order: rust-oci-wasm, src/config.rs and src/component.rs. */
static void write_wasm_config(const struct package_options *options, const char *created,
                              const struct descriptor *wasm, struct buf *out)
{
    json_begin_object(out);
    json_put_pair(out, "created", created);
    json_key(out, "author");
    if (options->author)
        json_put_text(out, options->author);
    else
        json_put_null(out);
    json_put_pair(out, "architecture", "wasm");
    json_put_pair(out, "os", options->component ? "wasip2" : "wasip1");
    json_key(out, "layerDigests");
    json_begin_array(out);
    json_put_text(out, wasm->digest.text);
    json_end_array(out);
    if (options->component) {
        json_key(out, "component");
        json_begin_object(out);
        write_names("exports", options->exports, out);
        write_names("imports", options->imports, out);
        json_key(out, "target");
        json_put_null(out);
        json_end_object(out);
    }
    json_end_object(out);
}

static int make_cncf(const struct package_options *options, const struct descriptor *wasm,
                     struct package *out, struct err *err)
{
    char created[CLOCK_TEXT_MAX];
    int rc = format_time(options->created, created, err);
    if (rc)
        return rc;
    write_wasm_config(options, created, wasm, &out->config_blob);
    rc = describe_config(out, MEDIA_CNCF_CONFIG, NULL, err);
    if (rc)
        return rc;
    /* oras writes no file for a layer without a title; wkg and runwasi do not look at it. */
    descriptor_init(&out->layer, MEDIA_CNCF_LAYER, &wasm->digest, wasm->size, TITLE_WASM);
    out->media_type = MEDIA_OCI_MANIFEST;
    write_with(options, NULL, NULL, out);
    return 0;
}

int package_make(const struct package_options *options, const struct filter *filter, int layer_fd,
                 struct package *out, struct err *err)
{
    AUTO(package_release) struct package package;
    package_init(&package, options->form);
    if (options->form == FORM_DOCKER && options->annotation_count)
        return err_set(err, ERR_USAGE,
                       "a Docker manifest has no annotations: leave them out, or choose the "
                       "format compat");
    int rc = 0;
    if (options->form == FORM_OCI)
        rc = make_oci(options, filter, &package, err);
    else if (options->form == FORM_COMPAT || options->form == FORM_DOCKER)
        rc = make_image(options, filter, layer_fd, &package, err);
    else if (options->form == FORM_CNCF)
        rc = make_cncf(options, filter->wasm, &package, err);
    else
        return err_set(err, ERR_UNSUPPORTED, "images of the form %s are read, not written",
                       form_name(options->form));
    if (!rc)
        rc = finish(&package, err);
    if (rc)
        return rc;
    *out = package;
    package_init(&package, options->form);
    return 0;
}
