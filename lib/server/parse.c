#include "server/parse.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/http_token.h"
#include "base/mem.h"

enum {
    LINE_MAX_BYTES = REQUEST_TARGET_MAX + 64, /* of the request line: method, target, version */
    LENGTH_DIGITS_MAX = 18,
};

/* Looks for the empty line that ends the block; each line must end in CR LF. */
static enum parse_result find_end(const char *data, size_t len, size_t start, size_t *end)
{
    for (size_t at = start; at < len;) {
        const char *newline = memchr(data + at, '\n', len - at);
        if (!newline)
            return PARSE_MORE;
        if (newline == data + at || newline[-1] != '\r')
            return PARSE_BAD;
        bool empty = newline - 1 == data + at;
        at = (size_t)(newline - data) + 1;
        if (empty) {
            *end = at;
            return PARSE_DONE;
        }
    }
    return PARSE_MORE;
}

/* The status for a fault that shows before the block is complete; 0: no fault yet. */
static int check_incomplete(const char *data, size_t len)
{
    if (!http_is_token_char(data[0]))
        return 400;
    if (len > LINE_MAX_BYTES && !memchr(data, '\n', len))
        return 414;
    return len >= REQUEST_HEAD_MAX ? 431 : 0;
}

static int take_version(const char *text, size_t len, struct server_request *out)
{
    if (len != 8 || memcmp(text, "HTTP/", 5) != 0 || !isdigit((unsigned char)text[5]) ||
        text[6] != '.' || !isdigit((unsigned char)text[7]))
        return 400;
    if (text[5] != '1')
        return 505;
    out->http11 = text[7] != '0';
    return 0;
}

static bool is_target(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c <= 0x20 || c == 0x7f)
            return false;
    }
    return len > 0;
}

/* RFC 9112, section 3: method SP target SP version. */
static int take_request_line(char *line, char *end, struct server_request *out)
{
    char *space = memchr(line, ' ', (size_t)(end - line));
    if (end - line > LINE_MAX_BYTES)
        return 414;
    if (!space || !http_is_token(line, (size_t)(space - line)))
        return 400;
    char *target = space + 1;
    char *second = memchr(target, ' ', (size_t)(end - target));
    if (!second || !is_target(target, (size_t)(second - target)))
        return 400;
    if (second - target > REQUEST_TARGET_MAX)
        return 414;
    *space = '\0';
    *second = '\0';
    out->method = line;
    out->target = target;
    return take_version(second + 1, (size_t)(end - second - 1), out);
}

/* RFC 9110, section 7.2, and RFC 3986, section 3.2.2. */
static int take_host(struct server_request *out, const char *value)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "-._~%!$&'()*+,;=:[]";
    bool nameless = !*value || *value == ':'; /* as nginx: neither these, nor two dots in a row */
    if (out->host || nameless || strstr(value, "..") || value[strspn(value, allowed)])
        return 400;
    out->host = value;
    return 0;
}

static int take_length(struct server_request *out, const char *value)
{
    size_t digits = strspn(value, "0123456789");
    if (out->content_length >= 0 || digits == 0 || value[digits])
        return 400;
    if (digits > LENGTH_DIGITS_MAX)
        return 413;
    out->content_length = strtoll(value, NULL, 10);
    return 0;
}

/* Two fields are a list of two codings; only a single coding can be read. */
static int take_encoding(struct server_request *out, const char *value)
{
    out->chunked = !out->transfer_encoding && strcasecmp(value, "chunked") == 0;
    out->transfer_encoding = true;
    return 0;
}

static bool list_has(const char *list, const char *word)
{
    size_t len = strlen(word);
    while (*list) {
        list += strspn(list, " \t,");
        size_t item = strcspn(list, " \t,");
        if (item == len && strncasecmp(list, word, len) == 0)
            return true;
        list += item;
    }
    return false;
}

static int take_connection(struct server_request *out, const char *value)
{
    out->close |= list_has(value, "close");
    out->keep_alive |= list_has(value, "keep-alive");
    return 0;
}

static int take_expect(struct server_request *out, const char *value)
{
    bool known = strcasecmp(value, "100-continue") == 0;
    out->expect_continue |= known;
    out->expect_other |= !known;
    return 0;
}

static int take_cache_control(struct server_request *out, const char *value)
{
    (void)value;
    out->fresh = true;
    return 0;
}

static int take_agent(struct server_request *out, const char *value)
{
    out->agent = value;
    return 0;
}

/* Keeps the values of fields as they are. Of a list in two fields, the first part is enough to be
 * safe; a single value that came twice counts as a value that nothing matches. */
static int take_text(struct server_request *out, const char *name, const char *value)
{
    static const struct {
        const char *name;
        size_t text; /* offset of the pointer in the request */
        bool single;
    } fields[] = {
        {"accept", offsetof(struct server_request, accept), false},
        {"if-match", offsetof(struct server_request, if_match), false},
        {"if-none-match", offsetof(struct server_request, if_none_match), false},
        {"authorization", offsetof(struct server_request, authorization), true},
        {"content-type", offsetof(struct server_request, content_type), true},
        {"content-range", offsetof(struct server_request, content_range), true},
        {"if-modified-since", offsetof(struct server_request, if_modified_since), true},
        {"if-unmodified-since", offsetof(struct server_request, if_unmodified_since), true},
        {"range", offsetof(struct server_request, range), true},
        {"if-range", offsetof(struct server_request, if_range), true},
    };
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (strcasecmp(fields[i].name, name) != 0)
            continue;
        const char **text = (const char **)(void *)((char *)out + fields[i].text);
        if (!*text)
            *text = value;
        else if (fields[i].single)
            *text = "";
        break;
    }
    return 0;
}

static int take_known(struct server_request *out, const char *name, const char *value)
{
    static const struct {
        const char *name;
        int (*take)(struct server_request *out, const char *value);
    } fields[] = {
        {"host", take_host},
        {"user-agent", take_agent},
        {"connection", take_connection},
        {"cache-control", take_cache_control},
        {"content-length", take_length},
        {"transfer-encoding", take_encoding},
        {"expect", take_expect},
    };
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (strcasecmp(fields[i].name, name) == 0)
            return fields[i].take(out, value);
    }
    return take_text(out, name, value);
}

/* RFC 9110, section 5.5: no control characters but the tab. */
static bool is_value(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A line that begins with a blank (obs-fold) is refused, since it has no name. */
static int take_field(char *line, char *end, struct server_request *out)
{
    char *colon = memchr(line, ':', (size_t)(end - line));
    if (!colon || !http_is_token(line, (size_t)(colon - line)))
        return 400;
    char *value = colon + 1;
    while (value < end && is_blank(*value))
        value++;
    while (end > value && is_blank(end[-1]))
        end--;
    if (!is_value(value, (size_t)(end - value)))
        return 400;
    *colon = '\0';
    *end = '\0';
    return take_known(out, line, value);
}

/* Checks that need all fields (RFC 9112, sections 3.2, 6.1 and 9.3). */
static int finish(struct server_request *out)
{
    out->keep_alive = !out->close && (out->http11 || out->keep_alive);
    if (out->http11 && !out->host)
        return 400;
    if (out->transfer_encoding && (out->content_length >= 0 || !out->http11))
        return 400;
    if (!out->http11)
        out->expect_continue = out->expect_other = false;
    return 0;
}

static int parse_block(char *data, char *end, struct server_request *out)
{
    int status = data < end ? 0 : 400;
    bool first = true;
    for (char *line = data; !status && line < end;) {
        char *newline = memchr(line, '\n', (size_t)(end - line));
        status =
            first ? take_request_line(line, newline - 1, out) : take_field(line, newline - 1, out);
        first = false;
        if (!out->fields)
            out->fields = newline + 1;
        line = newline + 1;
    }
    out->fields_size = out->fields ? (size_t)(end - out->fields) : 0;
    return status ? status : finish(out);
}

enum parse_result request_parse(char *data, size_t len, struct server_request *out)
{
    request_init(out);
    size_t start = len >= 2 && memcmp(data, "\r\n", 2) == 0 ? 2 : 0;
    if (len == start || (len == 1 && data[0] == '\r'))
        return PARSE_MORE;
    size_t end = 0;
    enum parse_result found = find_end(data, len, start, &end);
    if (found == PARSE_BAD)
        out->status = 400;
    else if (found == PARSE_MORE)
        out->status = check_incomplete(data + start, len - start);
    else if (end - start > REQUEST_HEAD_MAX)
        out->status = memchr(data + start, '\n', LINE_MAX_BYTES) ? 431 : 414;
    else
        out->status = parse_block(data + start, data + end - 2, out);
    if (out->status)
        return PARSE_BAD;
    out->size = end;
    return found;
}
