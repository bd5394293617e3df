#include "cmd/packing_args.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/settings.h"

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

static char *time_text(long long when)
{
    char text[CLOCK_TEXT_MAX];
    return mem_dup(clock_format((time_t)when, text) ? text : "1970-01-01T00:00:00Z");
}

/* Takes both texts. */
static void add(struct packing *packing, char *key, char *value)
{
    size_t count = packing->count + 1;
    packing->annotations = mem_resize(packing->annotations, count, sizeof(*packing->annotations));
    packing->texts = mem_resize(packing->texts, 2 * count, sizeof(char *));
    packing->texts[packing->count * 2] = key;
    packing->texts[packing->count * 2 + 1] = value;
    packing->annotations[packing->count++] = (struct annotation){key, value};
    packing->options.annotations = packing->annotations;
    packing->options.annotation_count = packing->count;
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
    char *key = mem_printf("%s%.*s", predefined ? ANNOTATION_PREDEFINED : "", (int)len, text);
    char *value =
        now ? time_text(epoch_given ? epoch : (long long)time(NULL)) : mem_dup(equals + 1);
    add(out, key, value);
    return 0;
}

void packing_args_add(struct packing *packing, const char *key, const char *value)
{
    for (size_t i = 0; i < packing->count; i++)
        if (strcmp(packing->annotations[i].key, key) == 0)
            return;
    add(packing, mem_dup(key), mem_dup(value));
    packing->asked = true;
}

int packing_args_read(const struct packing_args *args, struct packing *out, struct err *err)
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
    for (size_t i = 0; !rc && i < count; i++)
        rc = read_annotation(args->annotations.items[i], packing.options.created, epoch_given,
                             &packing, err);
    if (rc)
        return rc;
    *out = packing;
    packing = (struct packing){0};
    return 0;
}
