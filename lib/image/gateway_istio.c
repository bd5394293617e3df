#include "image/gateway_istio.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/form.h"
#include "image/gateway_layer.h"
#include "image/gateway_path.h"
#include "image/media_type.h"

/* The image, and who looks at it. */
struct look {
    enum gateway gateway;
    const struct gateway_image *image;
};

/* Reads it as an image: the last layer, of exactly this type. */
static int read_as_image(const struct look *look, const char *media_type,
                         struct gateway_reading *reading, struct err *err)
{
    const struct manifest *manifest = look->image->manifest;
    size_t count = manifest->layer_count;
    if (count == 0) {
        reading->fault = mem_dup("it has no layers");
        return 0;
    }
    const struct descriptor *believed = gateway_descriptor(manifest, count - 1);
    if (strcmp(believed->media_type, media_type) == 0)
        return gateway_layer_read(look->gateway, look->image, count - 1, true, -1, reading, err);
    bool another = believed != &manifest->layers[count - 1];
    reading->fault = mem_printf(
        "the last layer is of type %s%s, and must be of %s", believed->media_type,
        another ? " (of the first descriptor with its digest, which counts)" : "", media_type);
    return 0;
}

/* Reads it as an artifact: two layers, of which the first content layer counts. */
static int read_as_artifact(const struct look *look, struct gateway_reading *reading,
                            struct err *err)
{
    const struct manifest *manifest = look->image->manifest;
    if (manifest->layer_count != 2) {
        reading->fault =
            mem_printf("number of layers must be 2 but got %zu", manifest->layer_count);
        return 0;
    }
    for (size_t i = 0; i < 2; i++) {
        if (strcmp(gateway_descriptor(manifest, i)->media_type, MEDIA_WASM_LAYER) == 0)
            return gateway_layer_read(look->gateway, look->image, i, false, -1, reading, err);
    }
    reading->fault = mem_printf("no layer is of type %s", MEDIA_WASM_LAYER);
    return 0;
}

/* --- The verdict --- */

static void take_found(const struct gateway_reading *reading, struct gateway_verdict *out)
{
    out->found = reading->found;
    out->layer = reading->layer;
    out->in_tar = reading->in_tar;
    out->wasm = reading->wasm;
    out->size = reading->size;
}

static void accept(const struct look *look, struct gateway_reading *reading, const char *because,
                   struct gateway_verdict *out)
{
    out->loads = true;
    out->looked = look->image->open_layer != NULL;
    out->picks = STEAL(reading->picks);
    out->because = mem_dup(because);
    out->sha256 = *look->image->digest;
    take_found(reading, out);
}

/* A tar layer can become the one that is looked for; anything else becomes the oci form. */
static const char *form_to_take(const struct manifest *manifest)
{
    struct form_found found;
    bool is_tar = form_find(manifest, &found, ERR_IGNORED) == 0 && !found.before_wasm &&
                  found.wrapping != WRAP_RAW;
    return is_tar ? "compat" : "oci";
}

void gateway_advise(const struct gateway_image *image, const char *form,
                    struct gateway_verdict *out)
{
    out->next = mem_printf("wasme convert %s --to %s", image->ref, form);
    out->form = form;
}

/* The next step for an image of which one reading, or both, failed. */
static void advise(const struct look *look, const struct gateway_reading *failed, bool hopeless,
                   struct gateway_verdict *out)
{
    if (!hopeless) {
        gateway_advise(look->image, form_to_take(look->image->manifest), out);
        return;
    }
    out->next = failed->found ? mem_dup("build a smaller module, without debug information, and "
                                        "push that")
                              : mem_dup("build it anew, and push that");
    if (failed->found)
        take_found(failed, out);
}

static int check_docker(const struct look *look, struct gateway_verdict *out, struct err *err)
{
    AUTO(gateway_reading_release) struct gateway_reading docker = {.size = -1};
    int rc = read_as_image(look, MEDIA_DOCKER_TAR_GZIP, &docker, err);
    if (rc)
        return rc;
    if (!docker.fault) {
        accept(look, &docker, "a Docker image whose last layer holds a " ENTRY_WASM, out);
        return 0;
    }
    out->because = mem_printf("as a Docker image: %s", docker.fault);
    out->unsure = docker.unsure;
    advise(look, &docker, docker.hopeless, out);
    return 0;
}

static int check_oci(const struct look *look, struct gateway_verdict *out, struct err *err)
{
    AUTO(gateway_reading_release) struct gateway_reading compat = {.size = -1};
    AUTO(gateway_reading_release) struct gateway_reading oci = {.size = -1};
    int rc = read_as_image(look, MEDIA_OCI_TAR_GZIP, &compat, err);
    bool only_compat = compat.settles;
    if (!rc && !only_compat)
        rc = read_as_artifact(look, &oci, err);
    if (rc)
        return rc;
    if (!compat.fault) {
        accept(look, &compat, "an OCI image whose last layer holds a " ENTRY_WASM, out);
    } else if (!only_compat && !oci.fault) {
        accept(look, &oci, "two layers, of which one is the wasm", out);
    } else {
        const struct gateway_reading *failed = oci.hopeless ? &oci : &compat;
        out->because = failed->found ? mem_dup(failed->fault)
                       : only_compat
                           ? mem_printf("as compat: %s", compat.fault)
                           : mem_printf("as compat: %s; as oci: %s", compat.fault, oci.fault);
        out->unsure = compat.unsure;
        advise(look, failed, compat.hopeless || oci.hopeless, out);
    }
    return 0;
}

/* The image itself would load, but gateways do not come to its manifest. */
static void refuse_path(const struct gateway_image *image, struct gateway_fault *fault,
                        struct gateway_verdict *out)
{
    out->loads = false;
    out->looked = false;
    free(out->picks);
    free(out->because);
    free(out->next);
    out->picks = NULL;
    out->because = STEAL(fault->because);
    out->next = NULL;
    out->form = NULL;
    out->unsure = false;
    out->sha256 = (struct digest){""};
    if (fault->rewrite && image->manifest)
        gateway_advise(image, form_to_take(image->manifest), out);
    else
        out->next = STEAL(fault->next);
}

int gateway_istio_check(enum gateway gateway, const struct gateway_image *image,
                        struct gateway_verdict *out, struct err *err)
{
    const struct look look = {gateway, image};
    const char *media_type = image->manifest ? image->manifest->media_type : NULL;
    bool is_docker = media_type && strcmp(media_type, MEDIA_DOCKER_MANIFEST) == 0;
    AUTO(gateway_fault_release) struct gateway_fault fault = {0};
    int rc = gateway_path_judge(image, &fault, err);
    if (!rc && image->manifest)
        rc = is_docker ? check_docker(&look, out, err) : check_oci(&look, out, err);
    if (!rc && !image->manifest && !fault.because)
        return err_set(err, ERR_UNSUPPORTED, "wasme cannot read its manifest, and gateways may");
    if (!fault.because || rc == ERR_INTERRUPTED ||
        (!rc && image->manifest && !out->loads && !out->unsure))
        return rc;
    /* A layer that cannot be had does not matter: no gateway asks for it. */
    err_release(err);
    refuse_path(image, &fault, out);
    return 0;
}
