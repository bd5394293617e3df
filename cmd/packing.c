#include "cmd/packing.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "cmd/settings.h"

#define PREDEFINED "org.opencontainers.image."

/* The keys of the image specification (annotations.md) that may be written without their prefix. */
static bool is_predefined(const char *key, size_t len)
{
    static const char *const keys[] = {"created",  "authors", "url",        "documentation",
                                       "source",   "version", "revision",   "vendor",
                                       "licenses", "title",   "description"};
    for (size_t i = 0; i < COUNT(keys); i++)
        if (strlen(keys[i]) == len && memcmp(key, keys[i], len) == 0)
            return true;
    return false;
}

/* RFC 3339, in UTC. */
static char *time_text(long long when)
{
    char text[64];
    struct tm parts;
    time_t seconds = (time_t)when;
    if (!gmtime_r(&seconds, &parts) ||
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        return mem_dup("1970-01-01T00:00:00Z");
    return mem_dup(text);
}

static int read_annotation(const char *text, long long epoch, bool epoch_given, struct packing *out,
                           struct err *err)
{
    const char *equals = strchr(text, '=');
    size_t len = equals ? (size_t)(equals - text) : 0;
    if (!len)
        return err_set(err, ERR_USAGE, "--annotation \"%.100s\": write KEY=VALUE", text);
    bool predefined = is_predefined(text, len);
    bool now = predefined && strcmp(text, "created=now") == 0;
    char *key = mem_printf("%s%.*s", predefined ? PREDEFINED : "", (int)len, text);
    char *value =
        now ? time_text(epoch_given ? epoch : (long long)time(NULL)) : mem_dup(equals + 1);
    out->texts[out->count * 2] = key;
    out->texts[out->count * 2 + 1] = value;
    out->annotations[out->count++] = (struct annotation){key, value};
    return 0;
}

int packing_read(const struct packing_args *args, struct packing *out, struct err *err)
{
    AUTO(packing_release) struct packing packing = {0};
    size_t count = args->annotations.count;
    bool epoch_given = false;
    packing.asked = args->format || count;
    packing.form_given = args->format;
    packing.options.form = FORM_OCI;
    int rc = args->format ? form_parse(args->format, &packing.options.form, err) : 0;
    if (!rc && packing.options.form == FORM_DOCKER && count)
        rc = err_set(err, ERR_USAGE,
                     "--annotation: a Docker manifest has no annotations: take --format compat");
    if (!rc)
        rc = settings_epoch(&packing.options.created, &epoch_given, err);
    packing.annotations = mem_zero(count + 1, sizeof(*packing.annotations));
    packing.texts = mem_zero(2 * count + 1, sizeof(char *));
    for (size_t i = 0; !rc && i < count; i++)
        rc = read_annotation(args->annotations.items[i], packing.options.created, epoch_given,
                             &packing, err);
    if (rc)
        return rc;
    packing.options.annotations = packing.annotations;
    packing.options.annotation_count = packing.count;
    *out = packing;
    packing = (struct packing){0};
    return 0;
}

void packing_release(struct packing *packing)
{
    for (size_t i = 0; i < 2 * packing->count; i++)
        free(packing->texts[i]);
    free(packing->texts);
    free(packing->annotations);
    *packing = (struct packing){0};
}

int packing_make(const struct packing *packing, struct store *store, const struct descriptor *wasm,
                 int wasm_fd, const char *runtime, size_t runtime_len, struct packed *out,
                 struct err *err)
{
    AUTO(packed_release) struct packed packed = {0};
    enum image_form form = packing->options.form;
    struct digest found;
    int rc = digest_of_fd(wasm_fd, &found, NULL, err);
    if (!rc && !digest_equal(&found, &wasm->digest))
        rc = err_set(err, ERR_DAMAGED,
                     "its filter.wasm is damaged: its digest is %s, not %s: build or pull it again",
                     found.text, wasm->digest.text);
    if (rc)
        return rc;
    if (form == FORM_COMPAT || form == FORM_DOCKER)
        rc = store_file_begin(store, NULL, &packed.layer, err);
    if (!rc)
        rc = package_make(&packing->options, wasm, wasm_fd, runtime, runtime_len,
                          packed.layer ? store_file_fd(packed.layer) : -1, &packed.package, err);
    if (rc)
        return rc;
    *out = packed;
    packed = (struct packed){0};
    return 0;
}

void packed_keep(struct packed *packed, struct store_parts *parts)
{
    const struct package *package = &packed->package;
    parts->manifest = buf_text(&package->manifest);
    parts->manifest_len = package->manifest.len;
    if (package->form != FORM_OCI) {
        parts->config_blob = buf_text(&package->config_blob);
        parts->config_blob_len = package->config_blob.len;
    }
    parts->form = form_name(package->form);
    if (!package->wrapped)
        return;
    packed->slot = (struct store_layer){package->layer.digest, packed->layer};
    parts->layers = &packed->slot;
    parts->layer_count = 1;
}

void packed_release(struct packed *packed)
{
    package_release(&packed->package);
    store_file_end(packed->layer);
}
