#include "store/distribution/contents.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/descriptor.h"

void contents_release(struct contents *contents)
{
    json_doc_free_at(&contents->doc);
    free(contents->parts);
}

/* Reads the digest and the size of a descriptor; `what` names it in errors. */
static int read_descriptor(const struct json_t *json, const char *what, struct contents_part *out,
                           struct err *err)
{
    const char *digest = json_member_text(json, "digest");
    const char *type = json_member_text(json, "mediaType");
    if (!digest || !type)
        return err_set(err, ERR_DAMAGED, "%s has no digest and mediaType", what);
    out->size = json_member_size(json, "size", INT64_MAX);
    if (out->size < 0)
        return err_set(err, ERR_DAMAGED, "%s has no size of 0 or more", what);
    out->elsewhere = (strstr(type, ".nondistributable.") || strstr(type, ".foreign.")) &&
                     json_arr_len(json_member(json, "urls")) > 0;
    int rc = digest_any_parse(digest, &out->digest, err);
    return rc ? err_wrap(err, "%s", what) : 0;
}

static int add_part(struct contents *contents, const struct json_t *json, const char *what,
                    bool manifest, struct err *err)
{
    struct contents_part part = {.manifest = manifest};
    if (contents->count == CONTENTS_PARTS_MAX)
        return err_set(err, ERR_DAMAGED, "the manifest names more than %d parts",
                       CONTENTS_PARTS_MAX);
    int rc = read_descriptor(json, what, &part, err);
    if (rc)
        return rc;
    contents->parts = mem_grow(contents->parts, contents->count, sizeof(*contents->parts));
    contents->parts[contents->count++] = part;
    return 0;
}

/* Adds the descriptors of the member `key`, if there is one. */
static int add_list(struct contents *contents, const char *key, bool manifest, struct err *err)
{
    const struct json_t *list = json_member(contents->doc, key);
    int rc = 0;
    if (list && !json_is_arr(list) && !json_is_nul(list))
        return err_set(err, ERR_DAMAGED, "\"%s\" is no list", key);
    for (size_t i = 0; !rc && i < json_arr_len(list); i++) {
        AUTO_FREE char *what = mem_printf("\"%s\" number %zu", key, i + 1);
        rc = add_part(contents, json_arr_at(list, i), what, manifest, err);
    }
    return rc;
}

static int read_parts(struct contents *contents, struct err *err)
{
    const struct json_t *config = json_member(contents->doc, "config");
    const struct json_t *subject = json_member(contents->doc, "subject");
    int rc = config ? add_part(contents, config, "\"config\"", false, err) : 0;
    if (!rc)
        rc = add_list(contents, "layers", false, err);
    if (!rc)
        rc = add_list(contents, "blobs", false, err);
    if (!rc)
        rc = add_list(contents, "manifests", true, err);
    if (!rc && subject && !json_is_nul(subject)) {
        struct contents_part part;
        rc = read_descriptor(subject, "\"subject\"", &part, err);
        if (!rc)
            contents->subject = part.digest;
    }
    return rc;
}

int contents_read(const char *text, size_t len, struct contents *out, struct err *err)
{
    AUTO(contents_release) struct contents contents = {0};
    int rc = json_doc_parse(text, len, &contents.doc, err);
    if (rc)
        return rc;
    if (!json_is_obj(contents.doc))
        return err_set(err, ERR_DAMAGED, "the manifest is no JSON object");
    if (json_member_size(contents.doc, "schemaVersion", 9) != 2)
        return err_set(err, ERR_DAMAGED, "the manifest has no schemaVersion 2");
    contents.media_type = json_member_text(contents.doc, "mediaType");
    contents.artifact_type = json_member_text(contents.doc, "artifactType");
    if ((!contents.artifact_type || !*contents.artifact_type) && !contents_is_index(&contents))
        contents.artifact_type = json_member_text(json_member(contents.doc, "config"), "mediaType");
    rc = read_parts(&contents, err);
    if (rc)
        return rc;
    *out = contents;
    contents = (struct contents){0};
    return 0;
}

bool contents_type_valid(const char *media_type)
{
    static const char kind[] = "application/";
    return media_type_valid(media_type) && strncmp(media_type, kind, sizeof(kind) - 1) == 0;
}

bool contents_is_index(const struct contents *contents)
{
    return json_is_arr(json_member(contents->doc, "manifests"));
}
