/* Any bytes as the head of a response, line by line, and after an empty line as a refusal's body:
 * the stored values have bounds, and the message is safe for a terminal. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/visible.h"
#include "registry/advice_refusal.h"
#include "registry/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_field(const char *field)
{
    if (field && (!*field || strlen(field) > RESPONSE_FIELD_MAX))
        abort();
}

static void check_words(const char *text)
{
    size_t len = strlen(text);
    for (size_t at = 0; at < len;) {
        size_t step = visible_len((const unsigned char *)text + at, len - at);
        if (!step)
            abort();
        at += step;
    }
}

/* The head, up to the line that is empty; where it ends. */
static size_t take_head(struct response *response, const char *text, size_t len)
{
    size_t at = 0;
    while (at < len) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t line = end ? (size_t)(end - text) - at + 1 : len - at;
        if (line <= 2 && (text[at] == '\r' || text[at] == '\n'))
            return at + line;
        if (!response_take_head(response, text + at, line))
            return len;
        at += line;
    }
    return at;
}

static void check(struct call *call)
{
    struct err err AUTO(err_release) = ERR_INIT;
    char code[RESPONSE_CODE_MAX];
    const struct response *response = &call->response;
    const struct descriptor blob = {.size = 5};
    check_field(response->content_type);
    check_field(response->location);
    check_field(response->content_digest);
    check_field(response->content_range);
    check_field(response->link);
    if (response->content_length < -1 || response->status < 0 ||
        response->refusal.len > RESPONSE_REFUSAL_MAX)
        abort();
    (void)response_code(response, code);
    if (strlen(code) >= sizeof(code) || response_refusal(response, &err) == 0)
        abort();
    check_words(err_text(&err));
    (void)advice_of_refusal(call);
    (void)answer_check(call, &err);
    (void)answer_has_blob(call, &blob);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const methods[] = {"GET", "HEAD", "PUT", "POST", "DELETE"};
    static const char *const paths[] = {"/v2/", "/v2/a/manifests/b", "/v2/a/blobs/c",
                                        "/v2/a/blobs/uploads/", "/v2/a/tags/list"};
    struct host host;
    char url[] = "http://registry.invalid/v2/";
    if (!size)
        return 0;
    host_init(&host, "registry.invalid", true, false);
    struct call call = {
        .method = methods[data[0] % COUNT(methods)],
        .path = paths[data[0] / COUNT(methods) % COUNT(paths)],
        .what = "it",
        .host = &host,
        .scope = "",
        .url = url,
        .own_origin = true,
    };
    const char *text = (const char *)data + 1;
    response_clear(&call.response);
    size_t head = take_head(&call.response, text, size - 1);
    (void)response_take_refusal(&call.response, text + head, size - 1 - head);
    check(&call);
    response_release(&call.response);
    host_release(&host);
    return 0;
}
