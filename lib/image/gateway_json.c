#include "image/gateway_json.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/mem.h"
#include "image/manifest.h"

/* The types that Go's structs have. */
enum shape {
    SHAPE_TEXT,
    SHAPE_NUMBER,
    SHAPE_DIGEST, /* the one that may not be null */
    SHAPE_DATA,   /* base64 */
    SHAPE_TEXTS,  /* a list */
    SHAPE_MAP,    /* of texts */
    SHAPE_PLATFORM,
    SHAPE_DESCRIPTOR,
    SHAPE_DESCRIPTORS, /* a list */
    SHAPE_DOCUMENT,
};

struct member {
    const char *name;
    enum shape shape;
};

static const struct member platform_members[] = {
    {"architecture", SHAPE_TEXT}, {"os", SHAPE_TEXT},      {"os.version", SHAPE_TEXT},
    {"os.features", SHAPE_TEXTS}, {"variant", SHAPE_TEXT}, {"features", SHAPE_TEXTS},
    {NULL, SHAPE_TEXT},
};
static const struct member descriptor_members[] = {
    {"mediaType", SHAPE_TEXT},    {"size", SHAPE_NUMBER},       {"digest", SHAPE_DIGEST},
    {"data", SHAPE_DATA},         {"urls", SHAPE_TEXTS},        {"annotations", SHAPE_MAP},
    {"platform", SHAPE_PLATFORM}, {"artifactType", SHAPE_TEXT}, {NULL, SHAPE_TEXT},
};
static const struct member manifest_members[] = {
    {"schemaVersion", SHAPE_NUMBER}, {"mediaType", SHAPE_TEXT},  {"config", SHAPE_DESCRIPTOR},
    {"layers", SHAPE_DESCRIPTORS},   {"annotations", SHAPE_MAP}, {"subject", SHAPE_DESCRIPTOR},
    {"artifactType", SHAPE_TEXT},    {NULL, SHAPE_TEXT},
};
static const struct member index_members[] = {
    {"schemaVersion", SHAPE_NUMBER},
    {"mediaType", SHAPE_TEXT},
    {"manifests", SHAPE_DESCRIPTORS},
    {"annotations", SHAPE_MAP},
    {"subject", SHAPE_DESCRIPTOR},
    {"artifactType", SHAPE_TEXT},
    {NULL, SHAPE_TEXT},
};

/* The look at one object: its members, and what is found wrong. */
struct look {
    const struct member *members;
    char *fault; /* owned by the caller of the first look */
    struct err *err;
};

static int look_at(const struct json_t *value, enum shape shape, const char *name,
                   struct look *look);

static int refuse(struct look *look, const char *name)
{
    look->fault = mem_printf("its member \"%s\" is of a wrong type", name);
    return 1;
}

static int look_at_member(void *arg, const char *key, const struct json_t *value)
{
    struct look *look = arg;
    for (const struct member *member = look->members; member->name; member++) {
        if (strcmp(key, member->name) == 0)
            return look_at(value, member->shape, key, look);
        if (strcasecmp(key, member->name) == 0)
            return err_set(look->err, ERR_UNSUPPORTED,
                           "it has a member \"%.40s\", which Go reads like \"%s\": nobody can tell "
                           "how gateways read it",
                           key, member->name);
    }
    return 0;
}

static int look_at_text(void *arg, const char *key, const struct json_t *value)
{
    return look_at(value, SHAPE_TEXT, key, arg);
}

static int look_into(const struct json_t *value, const struct member *members, const char *name,
                     struct look *look)
{
    struct look inner = {.members = members, .err = look->err};
    if (!json_is_obj(value))
        return refuse(look, name);
    int rc = json_each_member(value, members ? look_at_member : look_at_text, &inner);
    look->fault = inner.fault;
    return rc;
}

static int look_at_list(const struct json_t *value, enum shape shape, const char *name,
                        struct look *look)
{
    if (!json_is_arr(value))
        return refuse(look, name);
    int rc = 0;
    for (size_t i = 0; !rc && i < json_arr_len(value); i++)
        rc = look_at(json_arr_at(value, i), shape, name, look);
    return rc;
}

/* Base64 with its padding, perhaps in lines (Go: base64.StdEncoding). */
static bool is_data(const char *text)
{
    size_t lines = 0;
    for (const char *at = text; at && *at; at++)
        lines += *at == '\r' || *at == '\n';
    AUTO(buf_release) struct buf bytes = BUF_INIT(MANIFEST_MAX);
    return text && (strlen(text) - lines) % 4 == 0 && base64_decode(text, &bytes, ERR_IGNORED) == 0;
}

/* 0: Go decodes the value; 1: it does not, and the fault is set; or an error. */
static int look_at(const struct json_t *value, enum shape shape, const char *name,
                   struct look *look)
{
    if (json_is_nul(value) && shape != SHAPE_DIGEST)
        return 0;
    switch (shape) {
    case SHAPE_NUMBER:
        return json_is_whole(value) ? 0 : refuse(look, name);
    case SHAPE_DATA:
        return is_data(json_text(value)) ? 0 : refuse(look, name);
    case SHAPE_TEXTS:
        return look_at_list(value, SHAPE_TEXT, name, look);
    case SHAPE_MAP:
        return look_into(value, NULL, name, look);
    case SHAPE_PLATFORM:
        return look_into(value, platform_members, name, look);
    case SHAPE_DESCRIPTOR:
        return look_into(value, descriptor_members, name, look);
    case SHAPE_DESCRIPTORS:
        return look_at_list(value, SHAPE_DESCRIPTOR, name, look);
    case SHAPE_DOCUMENT:
        return look_into(value, look->members, name, look);
    default:
        return json_is_text(value) ? 0 : refuse(look, name);
    }
}

int gateway_json_fault(const char *text, size_t len, bool is_index, char **fault, struct err *err)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    struct look look = {.members = is_index ? index_members : manifest_members, .err = err};
    *fault = NULL;
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        *fault = mem_dup("it begins with a byte order mark, which Go does not pass over");
        return 0;
    }
    int rc = json_doc_parse(text, len, &doc, err);
    if (!rc)
        rc = look_at(doc, SHAPE_DOCUMENT, "(the whole)", &look);
    *fault = look.fault;
    return rc < 0 ? rc : 0;
}

enum gateway_data gateway_json_data(const struct json_t *descriptor, struct buf *out)
{
    const struct json_t *data = json_member(descriptor, "data");
    const char *text = json_text(data);
    const char *stated = json_member_text(descriptor, "digest");
    struct digest digest;
    if (!data || json_is_nul(data))
        return DATA_NONE;
    if (!text || base64_decode(text, out, ERR_IGNORED) != 0)
        return DATA_WRONG;
    digest_of(buf_text(out), out->len, &digest);
    bool right = stated && strcmp(stated, digest.text) == 0 &&
                 json_member_size(descriptor, "size", INT64_MAX) == (long long)out->len;
    return right ? DATA_RIGHT : DATA_WRONG;
}

static bool is_of(const struct json_t *descriptor, const struct digest *digest)
{
    const char *text = json_member_text(descriptor, "digest");
    return text && strcmp(text, digest->text) == 0;
}

const struct json_t *gateway_json_blob(const struct json_t *manifest, const struct digest *digest)
{
    const struct json_t *layers = json_member(manifest, "layers");
    if (is_of(json_member(manifest, "config"), digest))
        return json_member(manifest, "config");
    for (size_t i = 0; i < json_arr_len(layers); i++) {
        if (is_of(json_arr_at(layers, i), digest))
            return json_arr_at(layers, i);
    }
    return NULL;
}
