#include "image/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "image/annotation.h"
#include "image/media_type.h"

enum { LISTED_MAX = 8 }; /* platforms that an error lists */

/* --- Platforms --- */

void platform_release(struct platform *platform)
{
    free(platform->os);
    free(platform->architecture);
    free(platform->variant);
    *platform = (struct platform){0};
}

/* The length of a word of a platform, 0 when there is none. */
static size_t word_len(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    return len <= 64 ? len : 0;
}

int platform_parse(const char *text, struct platform *out, struct err *err)
{
    AUTO(platform_release) struct platform platform = {0};
    char **const parts[] = {&platform.os, &platform.architecture, &platform.variant};
    size_t count = 0;
    const char *at = text;
    while (count < COUNT(parts)) {
        size_t len = word_len(at);
        if (!len)
            break;
        *parts[count++] = mem_dup_n(at, len);
        at += len;
        if (*at != '/')
            break;
        at++;
    }
    if (count < 2 || *at || at[-1] == '/')
        return err_set(err, ERR_USAGE,
                       "platform \"%.80s\": give it as os/architecture or os/architecture/variant, "
                       "such as " PLATFORM_DEFAULT " or wasip1/wasm",
                       text);
    *out = platform;
    platform = (struct platform){0};
    return 0;
}

/* --- Reading --- */

static void child_release(struct index_child *child)
{
    descriptor_release(&child->descriptor);
    platform_release(&child->platform);
    free(child->reference_type);
    free(child->ref_name);
    free(child->image_name);
}

void index_release(struct image_index *index)
{
    for (size_t i = 0; i < index->count; i++)
        child_release(&index->children[i]);
    free(index->children);
    free(index->media_type);
    *index = (struct image_index){0};
}

static char *copy_text(const struct json_t *object, const char *key)
{
    const char *text = json_member_text(object, key);
    return text ? mem_dup(text) : NULL;
}

static int read_child(const struct json_t *json, struct index_child *child, struct err *err)
{
    int rc = descriptor_read(json, &child->descriptor, err);
    if (rc)
        return rc;
    const struct json_t *platform = json_member(json, "platform");
    child->has_platform = json_is_obj(platform);
    child->platform.os = copy_text(platform, "os");
    child->platform.architecture = copy_text(platform, "architecture");
    child->platform.variant = copy_text(platform, "variant");
    const struct json_t *annotations = json_member(json, "annotations");
    child->reference_type = copy_text(annotations, ANNOTATION_REFERENCE_TYPE);
    child->ref_name = copy_text(annotations, ANNOTATION_REF_NAME);
    child->image_name = copy_text(annotations, ANNOTATION_IMAGE_NAME);
    return 0;
}

static int read_children(const struct json_t *list, struct image_index *index, struct err *err)
{
    size_t count = json_arr_len(list);
    if (count > INDEX_CHILDREN_MAX)
        return err_set(err, ERR_DAMAGED, "the index has %zu images, and %d is the limit", count,
                       INDEX_CHILDREN_MAX);
    index->children = mem_zero(count, sizeof(*index->children));
    for (size_t i = 0; i < count; i++) {
        int rc = read_child(json_arr_at(list, i), &index->children[i], err);
        if (rc)
            return err_wrap(err, "the index's image %zu", i + 1);
        index->count = i + 1;
    }
    return 0;
}

bool index_is_one(const char *text, size_t len)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    return json_doc_parse(text, len, &doc, ERR_IGNORED) == 0 && json_member(doc, "manifests");
}

int index_parse(const char *text, size_t len, struct image_index *out, struct err *err)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    int rc = json_doc_parse(text, len, &doc, err);
    if (rc)
        return err_wrap(err, "the index");
    if (!json_member(doc, "manifests"))
        return err_set(err, ERR_UNSUPPORTED, "this is no index: it has no \"manifests\"");
    if (json_member(doc, "layers") || json_member(doc, "config"))
        return err_set(err, ERR_DAMAGED,
                       "this is an index and an image at once (\"manifests\" beside \"layers\"), "
                       "which each reader takes for another: refused");
    if (!json_is_arr(json_member(doc, "manifests")))
        return err_set(err, ERR_DAMAGED, "the index's \"manifests\" is not a list");
    const char *media_type = json_member_text(doc, "mediaType");
    if (media_type && !media_type_valid(media_type))
        return err_set(err, ERR_DAMAGED, "the index's mediaType is none");
    AUTO(index_release) struct image_index index = {0};
    rc = read_children(json_member(doc, "manifests"), &index, err);
    if (rc)
        return rc;
    index.media_type = media_type ? mem_dup(media_type) : NULL;
    *out = index;
    index = (struct image_index){0};
    return 0;
}

int index_check_depth(int above, struct err *err)
{
    return above < INDEX_DEPTH_MAX ? 0
                                   : err_set(err, ERR_UNSUPPORTED, "indexes of indexes of indexes");
}

/* --- Choosing --- */

static bool same(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

bool index_is_attestation(const struct index_child *child)
{
    return child->reference_type ||
           (same(child->platform.os, "unknown") && same(child->platform.architecture, "unknown"));
}

static bool matches(const struct index_child *child, const char *os, const char *architecture,
                    const char *variant)
{
    if (index_is_attestation(child))
        return false;
    if (!child->has_platform)
        return same(os, PLATFORM_OS) && same(architecture, PLATFORM_ARCHITECTURE) && !variant;
    return same(child->platform.os, os) && same(child->platform.architecture, architecture) &&
           (!variant || same(child->platform.variant, variant));
}

static bool find_platform(const struct image_index *index, const struct platform *wanted,
                          size_t *found)
{
    for (size_t i = 0; i < index->count; i++) {
        if (matches(&index->children[i], wanted->os, wanted->architecture, wanted->variant)) {
            *found = i;
            return true;
        }
    }
    return false;
}

/* The child that a person means though no gateway would take it: the one for wasm, or the only
 * one. */
static bool find_wasm(const struct image_index *index, size_t *found)
{
    size_t images = 0;
    for (size_t i = 0; i < index->count; i++) {
        if (index_is_attestation(&index->children[i]))
            continue;
        if (same(index->children[i].platform.architecture, "wasm")) {
            *found = i;
            return true;
        }
        if (images++ == 0)
            *found = i;
    }
    return images == 1;
}

static void add_platform(const struct index_child *child, struct buf *out)
{
    const struct platform *platform = &child->platform;
    if (!child->has_platform) {
        buf_add_text(out, "no platform");
        return;
    }
    buf_printf(out, "%.64s/%.64s", platform->os ? platform->os : "",
               platform->architecture ? platform->architecture : "");
    if (platform->variant && *platform->variant)
        buf_printf(out, "/%.64s", platform->variant);
}

static void list_platforms(const struct image_index *index, struct buf *out)
{
    size_t images = 0;
    for (size_t i = 0; i < index->count; i++) {
        if (index_is_attestation(&index->children[i]) || images++ >= LISTED_MAX)
            continue;
        if (images > 1)
            buf_add_text(out, ", ");
        add_platform(&index->children[i], out);
    }
    if (images > LISTED_MAX)
        buf_printf(out, " and %zu more", images - LISTED_MAX);
    if (!images)
        buf_add_text(out, "no image");
}

static int refuse(const struct image_index *index, const struct platform *wanted, struct err *err)
{
    AUTO(buf_release) struct buf list = BUF_INIT(4096);
    list_platforms(index, &list);
    if (wanted)
        return err_set(err, ERR_NOT_FOUND, "the index has no image for %s/%s%s%s: it has %s",
                       wanted->os, wanted->architecture, wanted->variant ? "/" : "",
                       wanted->variant ? wanted->variant : "", buf_text(&list));
    return err_set(err, ERR_NOT_FOUND,
                   "the index has no image for " PLATFORM_DEFAULT
                   " and none for wasm: it has %s: choose one with --platform",
                   buf_text(&list));
}

static char *describe(const struct image_index *index, size_t chosen)
{
    AUTO(buf_release) struct buf words = BUF_INIT(1024);
    add_platform(&index->children[chosen], &words);
    buf_printf(&words, ", %zu of %zu", chosen + 1, index->count);
    return buf_steal(&words);
}

int index_choose(const struct image_index *index, const struct platform *wanted,
                 struct index_choice *out, struct err *err)
{
    static char os[] = PLATFORM_OS, architecture[] = PLATFORM_ARCHITECTURE;
    const struct platform usual = {os, architecture, NULL};
    size_t first_usual = 0, chosen = 0;
    bool has_usual = find_platform(index, &usual, &first_usual);
    bool found = wanted ? find_platform(index, wanted, &chosen) : has_usual;
    if (!wanted)
        chosen = first_usual;
    if (!found && (wanted || !find_wasm(index, &chosen)))
        return refuse(index, wanted, err);
    *out =
        (struct index_choice){chosen, has_usual && chosen == first_usual, describe(index, chosen)};
    return 0;
}

void index_choice_release(struct index_choice *choice)
{
    free(choice->words);
    *choice = (struct index_choice){0};
}
