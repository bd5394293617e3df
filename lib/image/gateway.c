#include "image/gateway.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/form.h"
#include "image/gateway_istio.h"
#include "image/gateway_layer.h"
#include "image/media_type.h"
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
    *verdict = (struct gateway_verdict){.size = -1};
}

void gateway_module_release(struct gateway_module *module)
{
    free(module->place);
    *module = (struct gateway_module){.place = NULL};
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
    if (!image->manifest) {
        out->because = mem_dup("the reference names an index without an image");
        out->next = mem_dup("push the image itself: wasme pull --platform, then wasme push");
        return;
    }
    out->because = judge_for_wkg(image->manifest);
    if (out->because) {
        gateway_advise(image, "cncf", out);
        return;
    }
    out->found = true;
    out->size = image->manifest->layers[0].size;
    if (image->step_count > 1) {
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
    AUTO(gateway_verdict_release) struct gateway_verdict verdict = {.size = -1};
    int rc = 0;
    if (gateway == GATEWAY_WKG)
        check_wkg(image, &verdict);
    else
        rc = gateway_istio_check(gateway, image, &verdict, err);
    if (rc)
        return err_wrap(err, "%s", image->ref);
    *out = verdict;
    verdict = (struct gateway_verdict){.size = -1};
    return 0;
}

/* --- The module --- */

static int take_found(const struct gateway_image *image, const struct gateway_verdict *verdict,
                      int wasm, struct gateway_module *out, struct err *err)
{
    /* The limits of a gateway are no matter here: GATEWAY_COUNT has none but the common ones. */
    AUTO(gateway_reading_release) struct gateway_reading reading = {.size = -1};
    int rc = gateway_layer_read(GATEWAY_COUNT, image, verdict->layer, verdict->in_tar, wasm,
                                &reading, err);
    if (rc)
        return rc;
    if (reading.fault)
        return err_set(err, ERR_FAILED, "%s: %s", image->ref, reading.fault);
    out->as_gateway = true;
    out->place = mem_dup(verdict->in_tar ? ENTRY_WASM : "the wasm");
    return 0;
}

/* Looks for the wasm in one layer, as a pull does. */
static int take_pulled(const struct gateway_image *image, const struct form_found *found,
                       struct whiteouts *deleted, int wasm, struct gateway_module *out,
                       struct err *err)
{
    AUTO_CLOSE int layer = -1;
    AUTO(unwrapped_release) struct unwrapped got = {0};
    AUTO_FREE char *shown = mem_printf("layer %zu", found->layer + 1);
    int rc = image->open_layer(image->arg, &image->manifest->layers[found->layer], &layer, err);
    const struct unwrap_request request = {.layer = layer,
                                           .shown = shown,
                                           .declared = found->wrapping,
                                           .wasm = wasm,
                                           .max = GATEWAY_READ_MAX,
                                           .by_rule = found->before_wasm,
                                           .deleted = deleted};
    if (!rc)
        rc = unwrap_wasm(&request, &got, err);
    if (!rc)
        out->place = mem_dup(got.entry ? got.entry : "the wasm");
    return rc;
}

int gateway_take(const struct gateway_image *image, const struct gateway_verdict *verdict, int wasm,
                 struct gateway_module *out, struct err *err)
{
    AUTO(whiteouts_release) struct whiteouts deleted = {0};
    AUTO(err_release) struct err none = ERR_INIT;
    struct form_found found;
    if (verdict->found)
        return take_found(image, verdict, wasm, out, err);
    int rc = form_find(image->manifest, &found, &none);
    if (rc)
        return err_set(err, ERR_NOT_FOUND, "%s", err_text(&none));
    do {
        err_release(err);
        rc = take_pulled(image, &found, &deleted, wasm, out, err);
    } while (rc == ERR_NOT_FOUND && form_go_lower(image->manifest, &found));
    return rc;
}
