#include "store/distribution/path.h"

#include <string.h>

#include "base/mem.h"
#include "base/percent.h"

static const char prefix[] = "/v2";

bool dist_path_is_one(const char *path)
{
    size_t len = sizeof(prefix) - 1;
    return strncmp(path, prefix, len) == 0 && (path[len] == '/' || !path[len]);
}

/* A part of a path. */
struct part {
    const char *at;
    size_t len;
};

static bool is_word(const struct part *part, const char *word)
{
    return part->len == strlen(word) && memcmp(part->at, word, part->len) == 0;
}

/* Takes the last segment off the path; an empty one when there is no slash left. */
static struct part cut_last(struct part *path)
{
    size_t at = path->len;
    while (at && path->at[at - 1] != '/')
        at--;
    struct part last = {path->at + at, path->len - at};
    path->len = at ? at - 1 : 0;
    return last;
}

static bool copy(const struct part *part, char *out, size_t max)
{
    if (part->len > max || memchr(part->at, '\0', part->len))
        return false;
    memcpy(out, part->at, part->len);
    out[part->len] = '\0';
    return true;
}

/* The endpoint that the last two segments name; `rest` is then the repository's name. */
static bool find_kind(struct part *rest, const struct part *key, enum dist_kind *kind)
{
    struct part word = cut_last(rest);
    if (is_word(&word, "manifests"))
        *kind = DIST_MANIFEST;
    else if (is_word(&word, "referrers"))
        *kind = DIST_REFERRERS;
    else if (is_word(&word, "tags") && is_word(key, "list"))
        *kind = DIST_TAGS;
    else if (is_word(&word, "blobs"))
        *kind = is_word(key, "uploads") ? DIST_UPLOADS : DIST_BLOB;
    else if (is_word(&word, "uploads") && (word = cut_last(rest), is_word(&word, "blobs")))
        *kind = key->len ? DIST_UPLOAD : DIST_UPLOADS;
    else
        return false;
    return true;
}

bool dist_path_read(const char *path, struct dist_path *out)
{
    *out = (struct dist_path){.kind = DIST_BASE};
    if (!dist_path_is_one(path))
        return false;
    const char *text = path + sizeof(prefix) - 1;
    text += *text == '/';
    if (!*text)
        return true;
    struct part rest = {text, strlen(text)};
    if (is_word(&rest, "_catalog")) {
        out->kind = DIST_CATALOG;
        return true;
    }
    struct part key = cut_last(&rest);
    if (!find_kind(&rest, &key, &out->kind) || !rest.len || !copy(&rest, out->name, REF_NAME_MAX))
        return false;
    bool has_key = out->kind != DIST_TAGS && out->kind != DIST_UPLOADS;
    return !has_key || (key.len && copy(&key, out->key, DIST_KEY_MAX));
}

char *dist_query(const char *query, const char *name, size_t number)
{
    return percent_param(query, name, number, true);
}

void dist_hide_port(char *name, size_t host_len)
{
    for (size_t i = 0; i < host_len; i++)
        if (name[i] == ':')
            name[i] = '_';
}

const char *dist_behind_host(const char *name, const char *host, size_t host_len)
{
    for (size_t i = 0; i < host_len; i++)
        if (name[i] != (host[i] == ':' ? '_' : host[i]))
            return NULL;
    return name[host_len] == '/' ? name + host_len + 1 : NULL;
}

int dist_ref(const char *host, const char *repository, const char *key, struct ref *out,
             struct err *err)
{
    AUTO_FREE char *text =
        mem_printf("%s/%s%c%s", host, repository, strchr(key, ':') ? '@' : ':', key);
    return ref_parse(text, NULL, out, err);
}
