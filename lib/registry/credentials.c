#include "registry/credentials.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

enum { DECODED_MAX = 64 * 1024 };

void credential_wipe(char **text)
{
    if (*text)
        explicit_bzero(*text, strlen(*text));
    mem_free_at(text);
    *text = NULL;
}

static void wipe_buf(struct buf *buf)
{
    if (buf->data)
        explicit_bzero(buf->data, buf->cap);
    buf_release(buf);
}

void credential_release(struct credential *credential)
{
    credential_wipe(&credential->password);
    credential_wipe(&credential->username);
    mem_free_at(&credential->source);
    credential->source = NULL;
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *credential_basic(const struct credential *credential)
{
    AUTO(credential_wipe)
    char *plain = mem_printf("%s:%s", credential->username, credential->password);
    const unsigned char *raw = (const unsigned char *)plain;
    size_t len = strlen(plain);
    static const char name[] = "Authorization: Basic ";
    char *line = mem_alloc(sizeof(name) + (len + 2) / 3 * 4);
    char *at = line + sizeof(name) - 1;
    memcpy(line, name, sizeof(name));
    for (size_t i = 0; i < len; i += 3, at += 4) {
        unsigned bits = (unsigned)raw[i] << 16;
        bits |= i + 1 < len ? (unsigned)raw[i + 1] << 8 : 0;
        bits |= i + 2 < len ? raw[i + 2] : 0;
        at[0] = digits[bits >> 18];
        at[1] = digits[bits >> 12 & 63];
        at[2] = i + 1 < len ? digits[bits >> 6 & 63] : '=';
        at[3] = i + 2 < len ? digits[bits & 63] : '=';
    }
    *at = '\0';
    return line;
}

static int value_of(char c)
{
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

int credential_decode(const char *text, struct buf *out, struct err *err)
{
    size_t len = strlen(text);
    unsigned bits = 0;
    unsigned held = 0;
    while (len && text[len - 1] == '=')
        len--;
    if (len % 4 == 1 || strlen(text) - len > 2)
        return err_set(err, ERR_DAMAGED, "not base64");
    for (size_t i = 0; i < len; i++) {
        int value = value_of(text[i]);
        if (value < 0)
            return err_set(err, ERR_DAMAGED, "not base64");
        bits = (bits << 6 | (unsigned)value) & 0xffffff;
        held += 6;
        if (held < 8)
            continue;
        held -= 8;
        buf_add_char(out, (char)(bits >> held & 0xff));
    }
    if (buf_overflowed(out))
        return err_set(err, ERR_DAMAGED, "longer than %zu bytes", out->max);
    return 0;
}

/* `auth`: base64 of user:password; Docker pads it with NULs here and there. */
static int take_auth(const char *auth, struct credential *out, struct err *err)
{
    struct buf text AUTO(wipe_buf) = BUF_INIT(DECODED_MAX);
    int rc = credential_decode(auth, &text, err);
    if (rc)
        return err_wrap(err, "auth");
    const char *colon = strchr(buf_text(&text), ':');
    if (!colon)
        return err_set(err, ERR_DAMAGED, "auth: no colon between user and password");
    out->username = mem_dup_n(text.data, (size_t)(colon - text.data));
    out->password = mem_dup(colon + 1);
    return 0;
}

static int take_entry(const struct json_t *entry, struct credential *out, struct err *err)
{
    const char *auth = json_member_text(entry, "auth");
    const char *username = json_member_text(entry, "username");
    const char *password = json_member_text(entry, "password");
    if (auth && *auth)
        return take_auth(auth, out, err);
    if (username && *username && password) {
        out->username = mem_dup(username);
        out->password = mem_dup(password);
    }
    return 0;
}

/* A key without its scheme and the path of an API's version; other paths are part of the name. */
static char *bare_key(const char *key)
{
    static const char *const endings[] = {"/v1/", "/v1", "/v2/", "/v2", "/"};
    if (strncasecmp(key, "https://", 8) == 0)
        key += 8;
    else if (strncasecmp(key, "http://", 7) == 0)
        key += 7;
    size_t len = strlen(key);
    for (size_t i = 0; i < COUNT(endings); i++) {
        size_t end = strlen(endings[i]);
        if (len > end && strcmp(key + len - end, endings[i]) == 0)
            return mem_dup_n(key, len - end);
    }
    return mem_dup(key);
}

static bool is_hub(const char *name)
{
    return strcasecmp(name, "docker.io") == 0 || strcasecmp(name, "index.docker.io") == 0 ||
           strcasecmp(name, "registry-1.docker.io") == 0;
}

struct search {
    const char *registry;
    struct credential *out;
    struct err *err;
};

static int look_at(void *arg, const char *key, const struct json_t *value)
{
    struct search *search = arg;
    AUTO_FREE char *name = bare_key(key);
    bool same =
        strcasecmp(name, search->registry) == 0 || (is_hub(name) && is_hub(search->registry));
    if (!same)
        return 0;
    int rc = take_entry(value, search->out, search->err);
    return rc ? err_wrap(search->err, "auths of \"%.200s\"", key) : search->out->username != NULL;
}

static int search_text(const char *text, size_t len, struct search *search)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    int rc = json_doc_parse(text, len, &doc, search->err);
    if (rc)
        return rc;
    const struct json_t *auths = json_member(doc, "auths");
    const struct json_t *exact = json_member(auths, search->registry);
    if (exact)
        rc = look_at(search, search->registry, exact);
    if (!rc)
        rc = json_each_member(auths, look_at, search);
    return rc < 0 ? rc : 0;
}

static int search_file(const char *path, struct search *search)
{
    struct buf text AUTO(wipe_buf) = BUF_INIT(CREDENTIALS_FILE_MAX);
    int rc = file_read(AT_FDCWD, path, NULL, &text, search->err);
    if (rc == ERR_NOT_FOUND) {
        err_release(search->err);
        return 0;
    }
    if (!rc && text.len)
        rc = search_text(text.data, text.len, search);
    else if (!rc)
        return 0;
    if (rc)
        return err_wrap(search->err, "credentials file %s", path);
    if (search->out->username)
        search->out->source = mem_dup(path);
    return 0;
}

int credential_find(const struct registry_options *options, const char *registry,
                    struct credential *out, struct err *err)
{
    struct credential found AUTO(credential_release) = {0};
    struct err problem AUTO(err_release) = ERR_INIT;
    if (options->username && options->password) {
        *out = (struct credential){mem_dup(options->username), mem_dup(options->password),
                                   mem_dup("-u")};
        return 0;
    }
    struct search search = {registry, &found, &problem};
    const char *const *path = options->auth_files;
    for (; path && *path && !found.username; path++) {
        int rc = search_file(*path, &search);
        if (rc)
            return err_set(err, rc, "%s", err_text(&problem));
    }
    *out = found;
    found = (struct credential){0};
    return 0;
}
