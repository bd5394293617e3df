#include "registry/response.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/visible.h"
#include "http/retry.h"

enum { WORDS_MAX = 300, ERRORS_SHOWN = 3 };

void response_clear(struct response *response)
{
    response_release(response);
    *response = (struct response){
        .content_length = -1,
        .challenges = BUF_INIT(RESPONSE_HEAD_MAX),
        .refusal = BUF_INIT(RESPONSE_REFUSAL_MAX),
    };
}

void response_release(struct response *response)
{
    mem_free_at(&response->content_type);
    mem_free_at(&response->location);
    mem_free_at(&response->retry_after);
    mem_free_at(&response->content_digest);
    mem_free_at(&response->etag);
    mem_free_at(&response->content_range);
    mem_free_at(&response->link);
    mem_free_at(&response->total_count);
    mem_free_at(&response->date);
    buf_release(&response->challenges);
    buf_release(&response->refusal);
    *response = (struct response){0};
}

bool response_is_success(const struct response *response)
{
    return response->status >= 200 && response->status <= 299;
}

/* Takes a line "HTTP/1.1 200 OK". */
static void take_status(struct response *response, const char *line, size_t len)
{
    size_t head_len = response->head_len;
    response_clear(response);
    response->head_len = head_len;
    const char *space = memchr(line, ' ', len);
    if (!space)
        return;
    const char *at = space + 1;
    const char *end = line + len;
    for (; at < end && *at >= '0' && *at <= '9' && response->status < 1000; at++)
        response->status = response->status * 10 + (*at - '0');
    struct buf clean = BUF_INIT(sizeof(response->reason) - 1);
    while (at < end && *at == ' ')
        at++;
    visible_add_clean(&clean, at, (size_t)(end - at), clean.max);
    (void)snprintf(response->reason, sizeof(response->reason), "%s", buf_text(&clean));
    buf_release(&clean);
}

static bool is_field(const char *line, size_t name_len, const char *name)
{
    return strlen(name) == name_len && strncasecmp(line, name, name_len) == 0;
}

static void keep(char **slot, const char *value, size_t len)
{
    if (*slot)
        return; /* the first field counts */
    *slot = mem_dup_n(value, len);
}

/* Joins several fields of one name, which are one list (RFC 9110, 5.3). */
static void join(char **slot, const char *value, size_t len)
{
    AUTO_FREE char *before = *slot;
    if (before && strlen(before) + len + 2 > RESPONSE_FIELD_MAX)
        *slot = STEAL(before);
    else
        *slot = mem_printf("%s%s%.*s", before ? before : "", before ? ", " : "", (int)len, value);
}

/* A length that is not a number of bytes is ignored. */
static void take_length(struct response *response, const char *value, size_t len)
{
    long long length = 0;
    for (size_t i = 0; i < len; i++) {
        if (value[i] < '0' || value[i] > '9' || length > LLONG_MAX / 100)
            return;
        length = length * 10 + (value[i] - '0');
    }
    response->content_length = length;
}

static void take_field(struct response *response, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    if (!colon)
        return;
    size_t name_len = (size_t)(colon - line);
    const char *value = colon + 1;
    const char *end = line + len;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    size_t value_len = (size_t)(end - value);
    if (!value_len || value_len > RESPONSE_FIELD_MAX || memchr(value, '\0', value_len))
        return;
    if (is_field(line, name_len, "content-type"))
        keep(&response->content_type, value, value_len);
    else if (is_field(line, name_len, "location"))
        keep(&response->location, value, value_len);
    else if (is_field(line, name_len, "retry-after"))
        keep(&response->retry_after, value, value_len);
    else if (is_field(line, name_len, "docker-content-digest"))
        keep(&response->content_digest, value, value_len);
    else if (is_field(line, name_len, "etag"))
        keep(&response->etag, value, value_len);
    else if (is_field(line, name_len, "content-range"))
        keep(&response->content_range, value, value_len);
    else if (is_field(line, name_len, "link"))
        join(&response->link, value, value_len);
    else if (is_field(line, name_len, "x-total-count"))
        keep(&response->total_count, value, value_len);
    else if (is_field(line, name_len, "date"))
        keep(&response->date, value, value_len);
    else if (is_field(line, name_len, "content-length"))
        take_length(response, value, value_len);
    else if (is_field(line, name_len, "docker-distribution-api-version"))
        response->versioned = true;
    else if (is_field(line, name_len, "www-authenticate")) {
        buf_add(&response->challenges, value, value_len);
        buf_add_char(&response->challenges, '\n');
    }
}

bool response_take_head(struct response *response, const char *line, size_t len)
{
    response->head_len += len;
    if (response->head_len > RESPONSE_HEAD_MAX)
        return false;
    while (len && strchr("\r\n \t", line[len - 1]) && line[len - 1])
        len--;
    if (len >= 5 && memcmp(line, "HTTP/", 5) == 0)
        take_status(response, line, len);
    else
        take_field(response, line, len);
    return true;
}

bool response_take_refusal(struct response *response, const char *data, size_t len)
{
    size_t room = response->refusal.max - response->refusal.len;
    buf_add(&response->refusal, data, len < room ? len : room);
    return len <= room;
}

static void add_text(struct buf *words, const char *text)
{
    visible_add_clean(words, text, strlen(text), WORDS_MAX);
}

/* Adds the words in {"errors":[{"code":"…","message":"…"}]} (distribution specification, "Error
 * Codes"). */
static void add_errors(struct buf *words, const struct json_t *doc)
{
    const struct json_t *errors = json_member(doc, "errors");
    for (size_t i = 0; i < json_arr_len(errors) && i < ERRORS_SHOWN; i++) {
        const char *code = json_member_text(json_arr_at(errors, i), "code");
        const char *message = json_member_text(json_arr_at(errors, i), "message");
        if (words->len && (code || message))
            buf_add_text(words, "; ");
        if (message && *message)
            add_text(words, message);
        else if (code)
            add_text(words, code);
        if (message && *message && code && *code) {
            buf_add_text(words, " (");
            add_text(words, code);
            buf_add_char(words, ')');
        }
    }
}

void response_words(const struct response *response, struct buf *words)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    const char *text = buf_text(&response->refusal);
    size_t len = response->refusal.len;
    if (json_doc_parse(text, len, &doc, ERR_IGNORED) == 0) {
        add_errors(words, doc);
        const char *single = json_member_text(doc, "message");
        if (!words->len && single)
            add_text(words, single);
    } else if (!text_is_page(text)) { /* the text may be a proxy's */
        visible_add_clean(words, text, len, WORDS_MAX);
    }
    while (words->len && words->data[words->len - 1] == ' ')
        words->data[--words->len] = '\0';
}

bool text_is_page(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '<';
}

bool response_is_html(const struct response *response)
{
    return response->content_type && strncasecmp(response->content_type, "text/html", 9) == 0;
}

bool response_code(const struct response *response, char out[RESPONSE_CODE_MAX])
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    const struct buf *body = &response->refusal;
    *out = '\0';
    if (!body->len)
        return true;
    if (json_doc_parse(buf_text(body), body->len, &doc, ERR_IGNORED) != 0)
        return false;
    const struct json_t *errors = json_member(doc, "errors");
    const char *code = json_member_text(json_arr_at(errors, 0), "code");
    if (code)
        (void)snprintf(out, RESPONSE_CODE_MAX, "%s", code);
    return json_is_arr(errors);
}

static int code_of(int status)
{
    if (status == 404)
        return ERR_NOT_FOUND;
    if (status == 401 || status == 403)
        return ERR_DENIED;
    return retry_wants(status) ? ERR_TRANSIENT : ERR_FAILED;
}

int response_refusal(const struct response *response, struct err *err)
{
    struct buf words AUTO(buf_release) = BUF_INIT(RESPONSE_WORDS_MAX);
    response_words(response, &words);
    const char *gap = response->reason[0] ? " " : "";
    const char *colon = words.len ? ": " : "";
    return err_set(err, code_of(response->status), "%d%s%s%s%s", response->status, gap,
                   response->reason, colon, buf_text(&words));
}
