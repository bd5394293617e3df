#include "registry/claims.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/visible.h"

enum { NAME_BYTES_MAX = 300 };

#define HARBOR_ISSUER "harbor-token-issuer"

void claims_release(struct claims *claims)
{
    free(claims->access);
    *claims = (struct claims){0};
}

static void add_clean(struct buf *out, const char *text)
{
    visible_add_clean(out, text ? text : "?", text ? strlen(text) : 1, NAME_BYTES_MAX);
}

/* Adds an entry {"type":"repository","name":"a/b","actions":["pull"]}; without actions, the entry
 * grants nothing. */
static void add_access(struct buf *out, const struct json_t *access)
{
    const struct json_t *actions = json_member(access, "actions");
    size_t count = json_arr_len(actions);
    if (!count)
        return;
    if (out->len)
        buf_add_char(out, ' ');
    add_clean(out, json_member_text(access, "type"));
    buf_add_char(out, ':');
    add_clean(out, json_member_text(access, "name"));
    for (size_t i = 0; i < count; i++) {
        buf_add_char(out, i ? ',' : ':');
        add_clean(out, json_text(json_arr_at(actions, i)));
    }
}

static char *read_access(const struct json_t *access)
{
    struct buf out = BUF_INIT(CLAIMS_ACCESS_MAX);
    for (size_t i = 0; i < json_arr_len(access); i++)
        add_access(&out, json_arr_at(access, i));
    if (!out.len)
        buf_add_text(&out, "nothing");
    return buf_steal(&out);
}

/* The subject "should be empty (`""`) if the client did not authenticate" (token specification,
 * "Token Response"). Harbor leaves the subject out. */
static bool is_anonymous(const struct json_t *doc)
{
    const char *subject = json_member_text(doc, "sub");
    const char *issuer = json_member_text(doc, "iss");
    if (subject)
        return !*subject;
    return !json_member(doc, "sub") && issuer && strcmp(issuer, HARBOR_ISSUER) == 0;
}

/* A token has three parts, separated by points; the second one is a JSON object in base64url (RFC
 * 4648, section 5). */
static bool read_payload(const char *token, struct json_t **out)
{
    const char *begin = strchr(token, '.');
    const char *end = begin ? strchr(begin + 1, '.') : NULL;
    if (!end || (size_t)(end - begin) > CLAIMS_TOKEN_MAX)
        return false;
    struct buf payload AUTO(buf_release) = BUF_INIT(CLAIMS_TOKEN_MAX);
    size_t len = (size_t)(end - begin - 1);
    return base64_decode_url(begin + 1, len, &payload, ERR_IGNORED) == 0 &&
           json_doc_parse(buf_text(&payload), payload.len, out, ERR_IGNORED) == 0;
}

bool claims_read(const char *token, struct claims *out)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    if (!read_payload(token, &doc))
        return false;
    const struct json_t *access = json_member(doc, "access");
    if (!json_is_arr(access))
        return false;
    *out = (struct claims){.access = read_access(access), .anonymous = is_anonymous(doc)};
    return true;
}
