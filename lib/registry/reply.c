#include "registry/reply.h"

#include <string.h>
#include <strings.h>

void reply_start(struct reply *reply)
{
    buf_release(&reply->line);
    *reply = (struct reply){
        .bodyless = reply->bodyless,
        .head = reply->head,
        .write = reply->write,
        .arg = reply->arg,
        .line = BUF_INIT(REPLY_LINE_MAX),
    };
}

void reply_release(struct reply *reply)
{
    buf_release(&reply->line);
}

/* Decimal or hex digits up to `end`, and nothing else; -1: no such number, or too large a one. */
static long long parse_number(const char *text, size_t len, int base)
{
    long long value = 0;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : 99;
        if (digit >= base || value > (1LL << 55))
            return -1;
        value = value * base + digit;
    }
    return len ? value : -1;
}

/* "HTTP/1.1 200 OK" */
static void take_status(struct reply *reply, const char *line, size_t len)
{
    bool fine = len >= 12 && memcmp(line, "HTTP/1.", 7) == 0 &&
                (line[7] == '0' || line[7] == '1') && line[8] == ' ' &&
                (len == 12 || line[12] == ' ');
    long long status = fine ? parse_number(line + 9, 3, 10) : -1;
    if (status < 100) {
        reply->state = REPLY_WRONG;
        return;
    }
    reply->status = (int)status;
    reply->keep_alive = line[7] == '1';
    reply->state = REPLY_FIELDS;
}

static void take_length(struct reply *reply, const char *value, size_t len)
{
    long long length = parse_number(value, len, 10);
    if (length < 0 || (reply->has_length && reply->left != length))
        reply->state = REPLY_WRONG;
    reply->has_length = true;
    reply->left = length;
}

static bool is_text(const char *text, size_t len, const char *other)
{
    return len == strlen(other) && strncasecmp(text, other, len) == 0;
}

static void take_field(struct reply *reply, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    if (!colon || colon == line || *line == ' ' || *line == '\t') {
        reply->state = REPLY_WRONG;
        return;
    }
    size_t name_len = (size_t)(colon - line);
    const char *value = colon + 1;
    const char *end = line + len;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    size_t value_len = (size_t)(end - value);
    if (is_text(line, name_len, "content-length")) {
        take_length(reply, value, value_len);
    } else if (is_text(line, name_len, "transfer-encoding")) {
        if (reply->chunked || !is_text(value, value_len, "chunked"))
            reply->state = REPLY_WRONG;
        reply->chunked = true;
    } else if (is_text(line, name_len, "connection") && !is_text(value, value_len, "keep-alive")) {
        reply->keep_alive = false;
    }
}

/* The empty line: what follows? */
static void end_head(struct reply *reply)
{
    if (reply->status < 200 && reply->status != 101) {
        reply->state = REPLY_STATUS; /* an interim response */
        reply->has_length = reply->chunked = false;
    } else if (reply->status == 101 || (reply->chunked && reply->has_length)) {
        reply->state = REPLY_WRONG;
    } else if (reply->bodyless || reply->status == 204 || reply->status == 304) {
        reply->state = REPLY_DONE;
    } else if (reply->chunked) {
        reply->state = REPLY_CHUNK_SIZE;
    } else if (reply->has_length) {
        reply->state = reply->left ? REPLY_LENGTH : REPLY_DONE;
    } else {
        reply->keep_alive = false;
        reply->state = REPLY_TO_CLOSE;
    }
}

/* "1f3;extension=x" */
static void take_chunk_size(struct reply *reply, const char *line, size_t len)
{
    size_t digits = strspn(line, "0123456789abcdefABCDEF");
    char next = digits < len ? line[digits] : ';';
    reply->left = parse_number(line, digits, 16);
    if (reply->left < 0 || (next != ';' && next != ' ' && next != '\t'))
        reply->state = REPLY_WRONG;
    else
        reply->state = reply->left ? REPLY_CHUNK : REPLY_TRAILER;
}

static void take_head_line(struct reply *reply, const char *line, size_t len)
{
    if (reply->state == REPLY_STATUS)
        take_status(reply, line, len);
    else if (len)
        take_field(reply, line, len);
    else
        end_head(reply);
    if (reply->state != REPLY_WRONG && !reply->head(reply->arg, line, len))
        reply->state = REPLY_CUT;
}

static void take_line(struct reply *reply, const char *line, size_t len)
{
    if (memchr(line, '\0', len) || memchr(line, '\r', len))
        reply->state = REPLY_WRONG;
    else if (reply->state == REPLY_CHUNK_SIZE)
        take_chunk_size(reply, line, len);
    else if (reply->state == REPLY_CHUNK_END)
        reply->state = len ? REPLY_WRONG : REPLY_CHUNK_SIZE;
    else if (reply->state == REPLY_TRAILER)
        reply->state = len ? REPLY_TRAILER : REPLY_DONE; /* trailers are dropped */
    else
        take_head_line(reply, line, len);
}

/* Adds to the line, and takes it when it is whole; returns how many bytes that were. */
static size_t feed_line(struct reply *reply, const char *data, size_t len)
{
    const char *newline = memchr(data, '\n', len);
    size_t used = newline ? (size_t)(newline - data) + 1 : len;
    buf_add(&reply->line, data, newline ? used - 1 : used);
    if (buf_overflowed(&reply->line)) {
        reply->state = REPLY_WRONG;
    } else if (newline) {
        size_t end = reply->line.len;
        if (end && reply->line.data[end - 1] == '\r')
            reply->line.data[--end] = '\0';
        take_line(reply, buf_text(&reply->line), end);
        buf_clear(&reply->line);
    } else if (reply->state == REPLY_STATUS && reply->line.len >= 5 &&
               memcmp(reply->line.data, "HTTP/", 5) != 0) {
        reply->state = REPLY_WRONG; /* without waiting for a line end */
    }
    return used;
}

static size_t feed_body(struct reply *reply, const char *data, size_t len)
{
    bool counted = reply->state != REPLY_TO_CLOSE;
    size_t part = counted && (long long)len > reply->left ? (size_t)reply->left : len;
    if (!reply->write(reply->arg, data, part)) {
        reply->state = REPLY_CUT;
        return part;
    }
    if (counted)
        reply->left -= (long long)part;
    if (counted && !reply->left)
        reply->state = reply->state == REPLY_CHUNK ? REPLY_CHUNK_END : REPLY_DONE;
    return part;
}

void reply_take(struct reply *reply, const char *data, size_t len)
{
    reply->begun |= len > 0;
    while (len && reply->state < REPLY_DONE) {
        bool body = reply->state == REPLY_LENGTH || reply->state == REPLY_CHUNK ||
                    reply->state == REPLY_TO_CLOSE;
        size_t used = body ? feed_body(reply, data, len) : feed_line(reply, data, len);
        data += used;
        len -= used;
    }
    if (len)
        reply->keep_alive = false; /* more than one response was asked for */
}

bool reply_end(struct reply *reply)
{
    if (reply->state == REPLY_TO_CLOSE)
        reply->state = REPLY_DONE;
    reply->keep_alive = false;
    return reply->state == REPLY_DONE;
}
