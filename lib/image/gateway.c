#include "image/gateway.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/media_type.h"
#include "image/form.h"
#include "image/unwrap.h"

enum { NAMES_MAX = 200 };

static const char *const gateway_names[GATEWAY_COUNT] = {
    [GATEWAY_ISTIO] = "istio",
    [GATEWAY_ENVOY_GATEWAY] = "envoy-gateway",
    [GATEWAY_HIGRESS] = "higress",
    [GATEWAY_WKG] = "wkg",
};

const char *gateway_name(enum gateway gateway)
{
    return gateway_names[gateway];
}

const char *gateway_listed(size_t at)
{
    return at < GATEWAY_COUNT ? gateway_names[at] : NULL;
}

int gateway_parse(const char *text, enum gateway *out, struct err *err)
{
    for (size_t i = 0; i < GATEWAY_COUNT; i++) {
        if (strcmp(text, gateway_names[i]) == 0) {
            *out = (enum gateway)i;
            return 0;
        }
    }
    AUTO(buf_release) struct buf names = BUF_INIT(NAMES_MAX);
    buf_add_names(&names, gateway_listed);
    return err_set(err, ERR_USAGE, "gateway \"%.40s\": choose %s", text, buf_text(&names));
}

void gateway_verdict_release(struct gateway_verdict *verdict)
{
    free(verdict->picks);
    free(verdict->because);
    free(verdict->next);
    *verdict = (struct gateway_verdict){0};
}

/* --- The index --- */

/* The reason why a gateway does not come to this manifest by the index; NULL when it does. */
static char *judge_index(const struct gateway_image *image)
{
    AUTO(index_choice_release) struct index_choice choice = {0};
    AUTO(err_release) struct err err = ERR_INIT;
    if (index_choose(image->index, NULL, &choice, &err) != 0)
        return mem_dup(err_text(&err));
    if (!choice.as_gateways)
        return mem_printf("the reference names an index without an image for " PLATFORM_DEFAULT
                          ", the only one that is looked for (there is %s)",
                          choice.words);
    const struct descriptor *chosen = &image->index->children[choice.child].descriptor;
    bool is_index = strcmp(chosen->media_type, MEDIA_OCI_INDEX) == 0 ||
                    strcmp(chosen->media_type, MEDIA_DOCKER_LIST) == 0;
    if (is_index || digest_equal(&chosen->digest, image->digest))
        return NULL;
    return mem_printf("the reference names an index, of which another image is taken: %s, %s",
                      choice.words, chosen->digest.text);
}

/* --- Istio, Envoy Gateway and Higress --- */

/* The reading of a manifest in one of the two ways: what it comes to, or why not. */
struct reading {
    char *picks;
    size_t layer;
    bool in_tar;
    char *fault;
    bool hopeless; /* no other form would help: what is in the layer is wrong */
};

static void reading_release(struct reading *reading)
{
    free(reading->picks);
    free(reading->fault);
}

/* Turns an error about the content of a layer into a fault of that layer; other errors are the
 * caller's. */
static int settle(int rc, struct reading *reading, struct err *err)
{
    if (rc != ERR_DAMAGED && rc != ERR_NOT_FOUND && rc != ERR_UNSUPPORTED)
        return rc;
    reading->fault = mem_dup(err_text(err));
    reading->hopeless = rc == ERR_DAMAGED;
    err_release(err);
    return 0;
}

static char *judge_content(const struct unwrapped *got, bool is_tar)
{
    if (is_tar && got->wrapping != WRAP_TAR_GZIP)
        return mem_printf("the last layer is typed as tar+gzip, and is %s",
                          wrapping_name(got->wrapping));
    if (!is_tar && got->wrapping != WRAP_RAW)
        return mem_printf("the content layer must be the wasm itself, and is %s",
                          wrapping_name(got->wrapping));
    if (is_tar && !got->by_rule)
        return mem_printf("the last layer has no %s that is a file and the first of its name (the "
                          "wasm there is %s)",
                          ENTRY_WASM, got->entry);
    if (is_tar && got->reach > GATEWAY_READ_MAX)
        return mem_printf("the wasm ends behind the first %lld bytes of the tar, and no more "
                          "are read",
                          GATEWAY_READ_MAX);
    return got->is_wasm ? NULL : mem_dup("what would be loaded does not begin as a wasm does");
}

static int look_into(const struct gateway_image *image, size_t layer, bool is_tar,
                     struct reading *reading, struct err *err)
{
    const struct descriptor *descriptor = &image->manifest->layers[layer];
    AUTO_CLOSE int fd = -1;
    int rc = image->open_layer(image->arg, descriptor, &fd, err);
    if (rc)
        return rc;
    AUTO(unwrapped_release) struct unwrapped got = {0};
    AUTO_FREE char *shown = mem_printf("layer %zu", layer + 1);
    const struct unwrap_request request = {.layer = fd,
                                           .shown = shown,
                                           .declared = is_tar ? WRAP_TAR_GZIP : WRAP_RAW,
                                           .wasm = -1,
                                           .max = 4 * GATEWAY_READ_MAX};
    rc = unwrap_wasm(&request, &got, err);
    if (rc)
        return settle(rc, reading, err);
    reading->fault = judge_content(&got, is_tar);
    reading->hopeless = !got.is_wasm && (got.wrapping == WRAP_RAW || got.entry);
    if (!reading->fault)
        reading->picks = mem_printf("%s%slayer %zu (%s)", is_tar ? got.entry : "",
                                    is_tar ? " in " : "", layer + 1, descriptor->digest.text);
    return 0;
}

static int read_layer(const struct gateway_image *image, size_t layer, bool is_tar,
                      struct reading *reading, struct err *err)
{
    reading->layer = layer;
    reading->in_tar = is_tar;
    if (image->open_layer)
        return look_into(image, layer, is_tar, reading, err);
    reading->picks = mem_printf("%slayer %zu (%s)", is_tar ? ENTRY_WASM " in " : "", layer + 1,
                                image->manifest->layers[layer].digest.text);
    return 0;
}

/* Reads it as an image: the last layer, of exactly this type. */
static int read_as_image(const struct gateway_image *image, const char *media_type,
                         struct reading *reading, struct err *err)
{
    size_t count = image->manifest->layer_count;
    if (count == 0) {
        reading->fault = mem_dup("it has no layers");
        return 0;
    }
    const char *found = image->manifest->layers[count - 1].media_type;
    if (strcmp(found, media_type) != 0) {
        reading->fault =
            mem_printf("the last layer is of type %s, and must be of %s", found, media_type);
        return 0;
    }
    return read_layer(image, count - 1, true, reading, err);
}

/* Reads it as an artifact: two layers, of which the first content layer counts. */
static int read_as_artifact(const struct gateway_image *image, struct reading *reading,
                            struct err *err)
{
    const struct manifest *manifest = image->manifest;
    if (manifest->layer_count != 2) {
        reading->fault =
            mem_printf("number of layers must be 2 but got %zu", manifest->layer_count);
        return 0;
    }
    for (size_t i = 0; i < 2; i++) {
        if (strcmp(manifest->layers[i].media_type, MEDIA_WASM_LAYER) == 0)
            return read_layer(image, i, false, reading, err);
    }
    reading->fault = mem_printf("no layer is of type %s", MEDIA_WASM_LAYER);
    return 0;
}

static void accept(const struct gateway_image *image, struct reading *reading, const char *because,
                   struct gateway_verdict *out)
{
    out->loads = true;
    out->picks = STEAL(reading->picks);
    out->layer = reading->layer;
    out->in_tar = reading->in_tar;
    out->because = mem_dup(because);
    out->sha256 = *image->digest;
}

/* A tar layer can become the one that is looked for; anything else becomes the oci form. */
static const char *form_to_take(const struct manifest *manifest)
{
    struct form_found found;
    bool is_tar = form_find(manifest, &found, ERR_IGNORED) == 0 && !found.before_wasm &&
                  found.wrapping != WRAP_RAW;
    return is_tar ? "compat" : "oci";
}

static void advise(const struct gateway_image *image, const char *form, bool hopeless,
                   struct gateway_verdict *out)
{
    if (hopeless) {
        out->next = mem_dup("build it anew, and push that");
        return;
    }
    out->next = mem_printf("wasme convert %s --to %s", image->ref, form);
    out->form = form;
}

static int check_docker(const struct gateway_image *image, struct gateway_verdict *out,
                        struct err *err)
{
    AUTO(reading_release) struct reading docker = {0};
    int rc = read_as_image(image, MEDIA_DOCKER_TAR_GZIP, &docker, err);
    if (rc)
        return rc;
    if (!docker.fault) {
        accept(image, &docker, "a Docker image whose last layer holds a " ENTRY_WASM, out);
        return 0;
    }
    out->because = mem_printf("as a Docker image: %s", docker.fault);
    advise(image, form_to_take(image->manifest), docker.hopeless, out);
    return 0;
}

static int check_oci(const struct gateway_image *image, struct gateway_verdict *out,
                     struct err *err)
{
    AUTO(reading_release) struct reading compat = {0};
    AUTO(reading_release) struct reading oci = {0};
    int rc = read_as_image(image, MEDIA_OCI_TAR_GZIP, &compat, err);
    if (!rc && compat.fault)
        rc = read_as_artifact(image, &oci, err);
    if (rc)
        return rc;
    if (!compat.fault) {
        accept(image, &compat, "an OCI image whose last layer holds a " ENTRY_WASM, out);
    } else if (!oci.fault) {
        accept(image, &oci, "two layers, of which one is the wasm", out);
    } else {
        out->because = mem_printf("as compat: %s; as oci: %s", compat.fault, oci.fault);
        advise(image, form_to_take(image->manifest), compat.hopeless || oci.hopeless, out);
    }
    return 0;
}

static int check_istio(const struct gateway_image *image, struct gateway_verdict *out,
                       struct err *err)
{
    AUTO_FREE char *fault = image->index ? judge_index(image) : NULL;
    const char *media_type = image->manifest->media_type;
    bool is_docker = media_type && strcmp(media_type, MEDIA_DOCKER_MANIFEST) == 0;
    int rc = is_docker ? check_docker(image, out, err) : check_oci(image, out, err);
    if (rc || !fault || !out->loads)
        return rc;
    /* The manifest itself would load, but the index does not lead to it. */
    out->loads = false;
    free(out->picks);
    out->picks = NULL;
    free(out->because);
    out->because = STEAL(fault);
    out->next = mem_printf("name the image by its digest, %s", image->digest->text);
    out->sha256 = (struct digest){""};
    return 0;
}

/* --- wkg --- */

static char *judge_for_wkg(const struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->layer_count; i++) {
        if (strcmp(manifest->layers[i].media_type, MEDIA_CNCF_LAYER) != 0)
            return mem_printf("layer %zu is of type %s, and only %s is taken", i + 1,
                              manifest->layers[i].media_type, MEDIA_CNCF_LAYER);
    }
    if (manifest->layer_count != 1)
        return mem_printf("it must have exactly one layer, and has %zu", manifest->layer_count);
    if (strcmp(manifest->config.media_type, MEDIA_CNCF_CONFIG) != 0)
        return mem_printf("its config is of type %s, and must be of %s",
                          manifest->config.media_type, MEDIA_CNCF_CONFIG);
    return NULL;
}

static void check_wkg(const struct gateway_image *image, struct gateway_verdict *out)
{
    out->because = judge_for_wkg(image->manifest);
    if (out->because) {
        advise(image, "cncf", false, out);
    } else if (image->index) {
        /* oci-client looks for the machine that it runs on (src/client.rs, the resolver). */
        out->because = mem_dup("the reference names an index, of which wkg takes the image for the "
                               "machine that it runs on");
        out->next = mem_printf("name the image by its digest, %s", image->digest->text);
    } else {
        out->loads = true;
        out->because = mem_dup("one " MEDIA_CNCF_LAYER " layer and a Wasm config");
        out->picks = mem_printf("layer 1 (%s)", image->manifest->layers[0].digest.text);
    }
}

int gateway_check(enum gateway gateway, const struct gateway_image *image,
                  struct gateway_verdict *out, struct err *err)
{
    AUTO(gateway_verdict_release) struct gateway_verdict verdict = {0};
    if (gateway == GATEWAY_WKG) {
        check_wkg(image, &verdict);
    } else {
        int rc = check_istio(image, &verdict, err);
        if (rc)
            return err_wrap(err, "%s", image->ref);
        verdict.looked = verdict.loads && image->open_layer;
    }
    *out = verdict;
    verdict = (struct gateway_verdict){0};
    return 0;
}
