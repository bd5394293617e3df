#include "image/gateway_layer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "image/gateway_json.h"
#include "image/gateway_tar.h"
#include "image/media_type.h"
#include "image/wrapping.h"

enum { PIECE = 64 * 1024 };

void gateway_reading_release(struct gateway_reading *reading)
{
    free(reading->picks);
    free(reading->fault);
    *reading = (struct gateway_reading){.size = -1};
}

const struct descriptor *gateway_descriptor(const struct manifest *manifest, size_t layer)
{
    const struct digest *digest = &manifest->layers[layer].digest;
    if (digest_equal(&manifest->config.digest, digest))
        return &manifest->config;
    size_t at = 0;
    while (!digest_equal(&manifest->layers[at].digest, digest))
        at++;
    return &manifest->layers[at];
}

/* --- The bytes of a layer --- */

/* The bytes that stand in the manifest, as a file without a name. */
static int open_data(const struct buf *data, int *fd, struct err *err)
{
    AUTO_CLOSE int file = memfd_create("layer", MFD_CLOEXEC);
    if (file < 0)
        return err_errno(err, "the layer in the manifest");
    int rc = file_write_all(file, buf_text(data), data->len, "the layer in the manifest", err);
    if (!rc)
        *fd = STEAL_FD(file);
    return rc;
}

/* The bytes that stand in the manifest, when they are not the layer's: gateways read them, and
 * compare them with the digest only at their end. A search that fails has to fail there too. */
static int judge_wrong_data(const struct buf *data, struct gateway_reading *reading,
                            struct err *err)
{
    AUTO(gateway_found_release) struct gateway_found found = {0};
    AUTO_CLOSE int fd = -1;
    int rc = reading->in_tar ? open_data(data, &fd, err) : 0;
    if (!rc && reading->in_tar)
        rc = gateway_tar_find(fd, "the copy", -1, &found, err);
    if (rc)
        return rc;
    reading->found = false;
    reading->unsure = reading->in_tar && (!found.fault || found.unsure);
    reading->settles = reading->unsure;
    reading->fault = mem_printf(
        "layer %zu has a copy of its bytes in the manifest (\"data\"), which "
        "does not match its digest or its size%s",
        reading->layer + 1, reading->unsure ? ": nobody can tell what gateways do with it" : "");
    return 0;
}

/* Gateways ask for as many bytes as the descriptor says that they believe. */
static int open_stored(const struct gateway_image *image, const struct descriptor *believed,
                       struct gateway_reading *reading, int *fd, struct err *err)
{
    const struct manifest *manifest = image->manifest;
    const struct descriptor *layer =
        believed == &manifest->config ? &manifest->layers[reading->layer] : believed;
    AUTO_CLOSE int file = -1;
    struct stat info;
    int rc = image->open_layer(image->arg, layer, &file, err);
    if (rc)
        return rc;
    if (fstat(file, &info) != 0)
        return err_errno(err, "layer %zu", reading->layer + 1);
    if (image->step_count && info.st_size != believed->size) {
        reading->found = false;
        reading->settles = false;
        reading->fault = mem_printf("the first descriptor with the digest of layer %zu says %lld "
                                    "bytes, and the layer has %lld",
                                    reading->layer + 1, believed->size, (long long)info.st_size);
        return 0;
    }
    *fd = STEAL_FD(file);
    return 0;
}

/* Gateways read bytes that stand in the manifest, and do not ask the registry for them. `*fd` stays
 * -1 when the reading has a fault. */
static int open_layer(const struct gateway_image *image, struct gateway_reading *reading, int *fd,
                      struct err *err)
{
    const struct descriptor *believed = gateway_descriptor(image->manifest, reading->layer);
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    AUTO(buf_release) struct buf data = BUF_INIT(MANIFEST_MAX);
    if (!image->step_count)
        return open_stored(image, believed, reading, fd, err);
    const struct gateway_step *step = &image->steps[image->step_count - 1];
    int rc = json_doc_parse(step->text, step->len, &doc, err);
    if (rc)
        return rc;
    enum gateway_data kind = gateway_json_data(gateway_json_blob(doc, &believed->digest), &data);
    if (kind == DATA_NONE)
        return open_stored(image, believed, reading, fd, err);
    return kind == DATA_RIGHT ? open_data(&data, fd, err) : judge_wrong_data(&data, reading, err);
}

/* --- The module in the bytes --- */

/* Reads the whole file: digest, size, and whether it begins as a wasm does. */
static int read_raw(int layer, int wasm, struct gateway_reading *reading, bool *is_wasm,
                    struct err *err)
{
    char head[8] = {0};
    ssize_t got = pread(layer, head, sizeof(head), 0);
    if (got < 0)
        return err_errno(err, "layer %zu", reading->layer + 1);
    *is_wasm = got == (ssize_t)sizeof(head) && wrapping_is_wasm(head, sizeof(head));
    int rc = digest_of_fd(layer, &reading->wasm, &reading->size, err);
    AUTO_FREE char *piece = mem_alloc(PIECE);
    for (off_t at = 0; !rc && wasm >= 0 && got; at += got) {
        got = pread(layer, piece, PIECE, at);
        if (got < 0 && errno != EINTR)
            return err_errno(err, "layer %zu", reading->layer + 1);
        got = got < 0 ? 0 : got;
        rc = got ? file_write_all(wasm, piece, (size_t)got, "the wasm", err) : 0;
    }
    return rc;
}

static int look_into_raw(int layer, int wasm, struct gateway_reading *reading, struct err *err)
{
    AUTO(err_release) struct err look = ERR_INIT;
    enum wrapping wrapping = WRAP_RAW;
    bool is_wasm = false;
    int rc = read_raw(layer, wasm, reading, &is_wasm, err);
    if (rc)
        return rc;
    reading->found = is_wasm;
    if (is_wasm)
        return 0;
    if (wrapping_look(layer, "it", WRAP_RAW, &wrapping, &look) == 0 && wrapping != WRAP_RAW) {
        reading->fault = mem_printf("the content layer must be the wasm itself, and is %s",
                                    wrapping_name(wrapping));
        return 0;
    }
    reading->fault = mem_dup("the content layer does not begin as a wasm does (the gateway says: "
                             "fetched Wasm binary is invalid)");
    reading->hopeless = true;
    return 0;
}

static int look_into_tar(int layer, int wasm, struct gateway_reading *reading, char **entry,
                         struct err *err)
{
    AUTO(gateway_found_release) struct gateway_found found = {0};
    AUTO_FREE char *shown = mem_printf("layer %zu", reading->layer + 1);
    int rc = gateway_tar_find(layer, shown, wasm, &found, err);
    if (rc)
        return rc;
    reading->settles = found.settles;
    reading->unsure = found.unsure;
    reading->found = false;
    reading->fault = STEAL(found.fault);
    if (reading->fault)
        return 0;
    reading->wasm = found.digest;
    reading->size = found.size;
    reading->found = found.is_wasm;
    *entry = STEAL(found.name);
    if (!found.is_wasm) {
        reading->fault = mem_printf("the %s in the last layer does not begin as a wasm does (the "
                                    "gateway says: fetched Wasm binary is invalid)",
                                    ENTRY_WASM);
        reading->hopeless = true;
    }
    return 0;
}

/* --- Sizes --- */

/* Limits of a gateway for the module; `size` is -1 when nobody knows it. */
static void judge_size(enum gateway gateway, struct gateway_reading *reading)
{
    if (reading->fault || reading->size < 0)
        return;
    if (gateway == GATEWAY_ENVOY_GATEWAY && reading->size > GATEWAY_SERVED_MAX)
        reading->fault =
            mem_printf("the module has %lld bytes, and Envoy accepts at most %lld from "
                       "Envoy Gateway, which serves modules by http "
                       "(http.async_response_buffer_limit)",
                       reading->size, GATEWAY_SERVED_MAX);
    else if (reading->size > GATEWAY_READ_MAX)
        reading->fault = mem_printf("the module has %lld bytes, and the gateway takes the first "
                                    "%lld alone, without a word: the rest is cut off",
                                    reading->size, GATEWAY_READ_MAX);
    reading->hopeless = reading->fault != NULL;
}

static char *describe(const struct gateway_reading *reading, const struct digest *layer,
                      const char *entry)
{
    return mem_printf("%s%slayer %zu (%s)", reading->in_tar ? entry : "",
                      reading->in_tar ? " in " : "", reading->layer + 1, layer->text);
}

int gateway_layer_read(enum gateway gateway, const struct gateway_image *image, size_t layer,
                       bool in_tar, int wasm, struct gateway_reading *out, struct err *err)
{
    AUTO(gateway_reading_release)
    struct gateway_reading reading = {
        .layer = layer, .in_tar = in_tar, .size = -1, .found = true, .settles = true};
    const struct descriptor *descriptor = gateway_descriptor(image->manifest, layer);
    AUTO_FREE char *entry = NULL;
    AUTO_CLOSE int fd = -1;
    if (!in_tar)
        reading.size = descriptor->size;
    judge_size(gateway, &reading);
    int rc = image->open_layer && !reading.fault ? open_layer(image, &reading, &fd, err) : 0;
    if (!rc && fd >= 0)
        rc = in_tar ? look_into_tar(fd, wasm, &reading, &entry, err)
                    : look_into_raw(fd, wasm, &reading, err);
    if (rc)
        return rc;
    judge_size(gateway, &reading);
    if (!reading.fault)
        reading.picks = describe(&reading, &descriptor->digest, entry ? entry : ENTRY_WASM);
    *out = reading;
    reading = (struct gateway_reading){.size = -1};
    return 0;
}
