/* The middle part of a JSON Web Token, base64url (RFC 4648, section 5), is a JSON object;
 * registries of the distribution's token specification list in its member "access" what the token
 * allows. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "registry/probe.h"
#include "registry/response.h"

enum { CLAIMS_MAX = 64 * 1024, ACCESS_MAX = 1024, NAME_MAX_BYTES = 300 };

static void add_clean(struct buf *out, const char *text)
{
    response_add_clean(out, text ? text : "?", text ? strlen(text) : 1, NAME_MAX_BYTES);
}

/* {"type":"repository","name":"a/b","actions":["pull"]}; one without actions allows nothing. */
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

char *probe_token_access(const char *token)
{
    const char *begin = strchr(token, '.');
    const char *end = begin ? strchr(begin + 1, '.') : NULL;
    if (!end)
        return NULL;
    AUTO_FREE char *text = mem_dup_n(begin + 1, (size_t)(end - begin - 1));
    for (char *at = text; *at; at++)
        *at = *at == '-' ? '+' : *at == '_' ? '/' : *at;
    struct buf claims AUTO(buf_release) = BUF_INIT(CLAIMS_MAX);
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    if (credential_decode(text, &claims, NULL) != 0 ||
        json_doc_parse(buf_text(&claims), claims.len, &doc, NULL) != 0)
        return NULL;
    const struct json_t *access = json_member(doc, "access");
    if (!json_is_arr(access))
        return NULL;
    struct buf out = BUF_INIT(ACCESS_MAX);
    for (size_t i = 0; i < json_arr_len(access); i++)
        add_access(&out, json_arr_at(access, i));
    if (!out.len)
        buf_add_text(&out, "nothing");
    return buf_steal(&out);
}
