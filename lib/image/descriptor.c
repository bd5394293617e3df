#include "image/descriptor.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "image/annotation.h"
#include "image/media_type.h"

void descriptor_init(struct descriptor *descriptor, const char *media_type,
                     const struct digest *digest, long long size, const char *title)
{
    descriptor->media_type = mem_dup(media_type);
    descriptor->digest = *digest;
    descriptor->size = size;
    descriptor->title = title ? mem_dup(title) : NULL;
}

void descriptor_release(struct descriptor *descriptor)
{
    free(descriptor->media_type);
    free(descriptor->title);
    *descriptor = (struct descriptor){0};
}

void descriptor_write(const struct descriptor *descriptor, struct buf *out)
{
    json_begin_object(out);
    json_put_pair(out, "mediaType", descriptor->media_type);
    json_put_pair(out, "digest", descriptor->digest.text);
    json_key(out, "size");
    json_put_int(out, descriptor->size);
    if (descriptor->title) {
        json_key(out, "annotations");
        json_begin_object(out);
        json_put_pair(out, ANNOTATION_TITLE, descriptor->title);
        json_end_object(out);
    }
    json_end_object(out);
}

/* The length of a restricted-name (RFC 6838, 4.2), 0 when there is none. */
static size_t restricted_name_len(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "!#$&-^_.+");
    return len <= 127 ? len : 0;
}

bool media_type_valid(const char *text)
{
    size_t type = restricted_name_len(text);
    if (!type || text[type] != '/')
        return false;
    const char *subtype = text + type + 1;
    size_t len = restricted_name_len(subtype);
    return len && !subtype[len];
}

int descriptor_read(const struct json_t *json, struct descriptor *out, struct err *err)
{
    if (!json_is_obj(json))
        return err_set(err, ERR_DAMAGED, "the descriptor is not a JSON object");
    const char *media_type = json_member_text(json, "mediaType");
    if (!media_type || !media_type_valid(media_type))
        return err_set(err, ERR_DAMAGED, "the descriptor has no mediaType that is one");
    const char *digest_text = json_member_text(json, "digest");
    if (!digest_text)
        return err_set(err, ERR_DAMAGED, "the descriptor has no digest");
    struct digest digest;
    int rc = digest_parse(digest_text, &digest, err);
    if (rc)
        return err_wrap(err, "the descriptor");
    long long size = json_member_size(json, "size", INT64_MAX);
    if (size < 0)
        return err_set(err, ERR_DAMAGED, "the descriptor has no size of 0 or more");
    descriptor_init(out, media_type, &digest, size,
                    json_member_text(json_member(json, "annotations"), ANNOTATION_TITLE));
    out->elsewhere =
        (strstr(media_type, ".nondistributable.") || strstr(media_type, ".foreign.")) &&
        json_arr_len(json_member(json, "urls")) > 0;
    return 0;
}

/* A list reads thousands of descriptors. Nearly all of them are, byte for byte, as the original and
 * wasme write them for a filter, and a general parser would be most of the work. */
static bool parse_usual(const char *text, size_t len, struct descriptor *out)
{
    static const char head[] = "{\"mediaType\":\"" MEDIA_WASM_LAYER "\",\"digest\":\"";
    static const char middle[] = "\",\"size\":";
    static const char tail[] = ",\"annotations\":{\"" ANNOTATION_TITLE "\":\"" TITLE_WASM "\"}}";
    const size_t fixed = sizeof(head) - 1 + DIGEST_TEXT_LEN + sizeof(middle) - 1;
    if (len < fixed + sizeof(tail) || memcmp(text, head, sizeof(head) - 1) != 0)
        return false;
    struct digest digest = {""};
    memcpy(digest.text, text + sizeof(head) - 1, DIGEST_TEXT_LEN);
    const char *size = text + fixed;
    size_t digits = strspn(size, "0123456789");
    if (digest_parse(digest.text, &digest, ERR_IGNORED) != 0 ||
        memcmp(size - (sizeof(middle) - 1), middle, sizeof(middle) - 1) != 0 || digits == 0 ||
        digits > 18 || *size == '0' || len - fixed - digits != sizeof(tail) - 1 ||
        memcmp(size + digits, tail, sizeof(tail) - 1) != 0)
        return false;
    descriptor_init(out, MEDIA_WASM_LAYER, &digest, strtoll(size, NULL, 10), TITLE_WASM);
    return true;
}

int descriptor_parse(const char *text, size_t len, struct descriptor *out, struct err *err)
{
    if (parse_usual(text, len, out))
        return 0;
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    int rc = json_doc_parse(text, len, &doc, err);
    return rc ? rc : descriptor_read(doc, out, err);
}
