#include "credential/form.h"

#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "credential/credential.h"

static int is_login(void *arg, const char *key, const struct json_t *value)
{
    (void)arg;
    (void)key;
    return json_member_text(value, "auth") ||
           (json_member_text(value, "username") && json_member_text(value, "password"));
}

static bool is_legacy(const struct json_t *doc)
{
    return !json_member(doc, "auths") && !json_member(doc, "credHelpers") &&
           !json_member(doc, "credsStore") && json_each_member(doc, is_login, NULL);
}

const struct json_t *credential_form_auths(const struct json_t *doc)
{
    return is_legacy(doc) ? doc : json_member(doc, "auths");
}

static bool is_kind(const struct json_t *doc, const char *kind)
{
    const char *text = json_member_text(doc, "kind");
    return text && strcmp(text, kind) == 0;
}

static int parse_object(const char *text, size_t len, struct json_t **out, struct err *err)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    int rc = json_doc_parse_secret(text, len, &doc, err);
    if (rc)
        return rc;
    if (!json_is_obj(doc))
        return err_set(err, ERR_DAMAGED, "not a JSON object");
    *out = STEAL(doc);
    return 0;
}

/* The text with the credentials in a Secret, and the name of its member; NULL: the Secret has no
 * such member. */
static const char *find_content(const struct json_t *secret, const char **name, bool *encoded)
{
    static const char *const names[] = {".dockerconfigjson", ".dockercfg"};
    static const char *const members[] = {"stringData", "data"};
    for (size_t i = 0; i < COUNT(names) * COUNT(members); i++) {
        const char *member = members[i / COUNT(names)];
        const char *text = json_member_text(json_member(secret, member), names[i % COUNT(names)]);
        *name = names[i % COUNT(names)];
        *encoded = strcmp(member, "data") == 0;
        if (text)
            return text;
    }
    return NULL;
}

static int open_secret(const struct json_t *secret, struct json_t **out, struct err *err)
{
    struct buf plain AUTO(buf_wipe) = BUF_INIT(CREDENTIALS_FILE_MAX);
    const char *name = NULL;
    bool encoded = false;
    const char *text = find_content(secret, &name, &encoded);
    const char *type = json_member_text(secret, "type");
    if (!text)
        return err_set(err, ERR_DAMAGED,
                       "a Kubernetes Secret (type %.80s) without credentials for registries: those "
                       "are of the type kubernetes.io/dockerconfigjson",
                       type ? type : "not given");
    buf_reserve(&plain);
    int rc = 0;
    if (encoded)
        rc = base64_decode(text, &plain, err);
    if (!rc)
        rc = encoded ? parse_object(buf_text(&plain), plain.len, out, err)
                     : parse_object(text, strlen(text), out, err);
    return rc ? err_wrap(err, "%s of the Kubernetes Secret", name) : 0;
}

/* Does a line of the text say "kind: Secret", as YAML does? */
static bool is_yaml_secret(const char *text, size_t len)
{
    static const char kind[] = "kind:";
    const char *end = text + len;
    for (const char *line = text; line && line < end;) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        size_t size = (size_t)((next ? next : end) - line);
        if (size > sizeof(kind) && memcmp(line, kind, sizeof(kind) - 1) == 0)
            return memmem(line, size, "Secret", 6) != NULL;
        line = next ? next + 1 : NULL;
    }
    return false;
}

static int name_other_forms(const char *text, size_t len, int rc, struct err *err)
{
    if (is_yaml_secret(text, len))
        return err_set(err, ERR_DAMAGED,
                       "a Kubernetes Secret in YAML: `kubectl get secret NAME -o json` writes the "
                       "JSON that wasme reads");
    return rc;
}

int credential_form_parse(const char *text, size_t len, struct json_t **doc,
                          enum credential_form *form, struct err *err)
{
    AUTO(json_doc_free_at) struct json_t *outer = NULL;
    int rc = parse_object(text, len, &outer, err);
    if (rc)
        return name_other_forms(text, len, rc, err);
    if (is_kind(outer, "List") && json_member(outer, "items"))
        return err_set(err, ERR_DAMAGED,
                       "a list of Kubernetes objects: name one Secret (`kubectl get secret NAME -o "
                       "json`)");
    if (is_kind(outer, "Secret")) {
        *form = CREDENTIAL_SECRET;
        return open_secret(outer, doc, err);
    }
    *form = is_legacy(outer) ? CREDENTIAL_LEGACY : CREDENTIAL_DOCKER;
    *doc = STEAL(outer);
    return 0;
}
