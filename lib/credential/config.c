#include "credential/config.h"

#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/mem.h"
#include "credential/form.h"

enum { DECODED_MAX = 64 * 1024 };

void credential_entry_release(struct credential_entry *entry)
{
    mem_free_at(&entry->helper);
    entry->helper = NULL;
    credential_release(&entry->stored);
}

bool credential_is_hub(const char *name)
{
    return strcasecmp(name, "docker.io") == 0 || strcasecmp(name, "index.docker.io") == 0 ||
           strcasecmp(name, "registry-1.docker.io") == 0;
}

const char *credential_key(const char *registry)
{
    return credential_is_hub(registry) ? "https://index.docker.io/v1/" : registry;
}

/* The key without its scheme and without the path of an API's version; any other path is a part of
 * the name, and stays. */
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

static bool same_registry(const char *name, const char *registry)
{
    return strcasecmp(name, registry) == 0 ||
           (credential_is_hub(name) && credential_is_hub(registry));
}

bool credential_key_names(const char *key, const char *registry)
{
    AUTO_FREE char *name = bare_key(key);
    return same_registry(name, registry);
}

/* Reads `auth`, base64 of user:password. Docker sometimes adds NULs at the end. */
static int take_auth(const char *auth, struct credential *out, struct err *err)
{
    struct buf text AUTO(buf_wipe) = BUF_INIT(DECODED_MAX);
    buf_reserve(&text);
    int rc = base64_decode(auth, &text, err);
    if (rc)
        return err_wrap(err, "auth");
    const char *colon = strchr(buf_text(&text), ':');
    if (!colon)
        return err_set(err, ERR_DAMAGED, "auth: no colon between user and password");
    if (colon == text.data || (!colon[1] && out->identity_token))
        return 0; /* Docker writes such an `auth` beside an identity token */
    out->username = mem_dup_n(text.data, (size_t)(colon - text.data));
    out->password = mem_dup(colon + 1);
    return 0;
}

static char *dup_member(const struct json_t *entry, const char *key)
{
    const char *text = json_member_text(entry, key);
    return text && *text ? mem_dup(text) : NULL;
}

static int take_entry(const struct json_t *entry, struct credential *out, struct err *err)
{
    const char *auth = json_member_text(entry, "auth");
    const char *username = json_member_text(entry, "username");
    const char *password = json_member_text(entry, "password");
    out->identity_token = dup_member(entry, "identitytoken");
    out->registry_token = dup_member(entry, "registrytoken");
    if (auth && *auth)
        return take_auth(auth, out, err);
    if (username && *username && password) {
        out->username = mem_dup(username);
        out->password = mem_dup(password);
    }
    return 0;
}

/* The entry of a file that fits the target best so far. */
struct match {
    const struct credential_target *target;
    size_t best; /* bytes of the path in the key of that entry */
    struct credential_entry *out;
    struct err *err;
};

/* Is `path` the repository, or a folder above it? */
static bool path_covers(const char *path, const char *repository)
{
    size_t len = strlen(path);
    return repository && strncmp(path, repository, len) == 0 &&
           (repository[len] == '/' || !repository[len]);
}

/* The path in a key that is for the target, "" for the whole registry; NULL: the key is for another
 * target. Notes keys for parts of the registry. */
static const char *match_path(struct match *match, char *name)
{
    char *slash = strchr(name, '/');
    if (!slash)
        return same_registry(name, match->target->registry) ? "" : NULL;
    *slash = '\0';
    if (!same_registry(name, match->target->registry))
        return NULL;
    match->out->narrow = true;
    return path_covers(slash + 1, match->target->repository) ? slash + 1 : NULL;
}

static int look_at(void *arg, const char *key, const struct json_t *value)
{
    struct match *match = arg;
    struct credential found AUTO(credential_release) = {0};
    AUTO_FREE char *name = bare_key(key);
    const char *path = match_path(match, name);
    if (!path)
        return 0;
    /* When two keys have paths of the same length, the first key counts, but a key that is written
     * exactly as references write the registry counts before both. */
    bool exact = strcmp(key, match->target->registry) == 0;
    size_t len = strlen(path);
    bool have = !credential_is_empty(&match->out->stored);
    if (have && (len < match->best || (len == match->best && !exact)))
        return 0;
    int rc = take_entry(value, &found, match->err);
    if (rc)
        return err_wrap(match->err, "auths of \"%.200s\"", key);
    if (credential_is_empty(&found))
        return 0;
    credential_release(&match->out->stored);
    match->out->stored = found;
    found = (struct credential){0};
    match->best = len;
    return 0;
}

/* The name becomes a part of a program's name: with a slash, any program could be run. */
static bool is_helper_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t len = strlen(name);
    return len && len <= HELPER_NAME_MAX && strchr(letters, name[0]) &&
           strspn(name, "-_.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == len;
}

static int take_helper(struct match *match, const char *member, const struct json_t *value)
{
    const char *name = json_text(value);
    if (name && !*name)
        return 0; /* the file itself keeps the credential */
    if (!name || !is_helper_name(name))
        return err_set(match->err, ERR_DAMAGED,
                       "%s: \"%.80s\" cannot be the NAME of a program docker-credential-NAME",
                       member, name ? name : "(no text)");
    match->out->helper = mem_dup(name);
    match->out->member = member;
    return 0;
}

static int look_at_helper(void *arg, const char *key, const struct json_t *value)
{
    struct match *match = arg;
    if (!credential_key_names(key, match->target->registry))
        return 0;
    int rc = take_helper(match, "credHelpers", value);
    return rc ? rc : 1;
}

/* The helper of the registry counts before the helper of all registries. */
static int find_helper(const struct json_t *doc, struct match *match)
{
    int rc = json_each_member(json_member(doc, "credHelpers"), look_at_helper, match);
    const struct json_t *store = json_member(doc, "credsStore");
    if (rc == 0 && store)
        rc = take_helper(match, "credsStore", store);
    return rc < 0 ? rc : 0;
}

int credential_config_read(const char *text, size_t len, const struct credential_target *target,
                           struct credential_entry *out, struct err *err)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    AUTO(credential_entry_release) struct credential_entry entry = {0};
    struct match match = {target, 0, &entry, err};
    if (!len)
        return 0;
    enum credential_form form = CREDENTIAL_DOCKER;
    int rc = credential_form_parse(text, len, &doc, &form, err);
    if (!rc)
        rc = find_helper(doc, &match);
    if (!rc)
        rc = json_each_member(credential_form_auths(doc), look_at, &match);
    if (rc)
        return rc;
    *out = entry;
    entry = (struct credential_entry){0};
    return 0;
}
