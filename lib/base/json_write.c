#include "base/json_write.h"

#include <string.h>

#include "base/utf8.h"

/* A value needs a comma before it, except at the start of the text, of an object or of an array,
 * and behind a key. */
static void separate(struct buf *out)
{
    if (out->len && !strchr("{[:", out->data[out->len - 1]))
        buf_add_char(out, ',');
}

void json_begin_object(struct buf *out)
{
    separate(out);
    buf_add_char(out, '{');
}

void json_end_object(struct buf *out)
{
    buf_add_char(out, '}');
}

void json_begin_array(struct buf *out)
{
    separate(out);
    buf_add_char(out, '[');
}

void json_end_array(struct buf *out)
{
    buf_add_char(out, ']');
}

static bool is_of_html(unsigned char c)
{
    return c == '<' || c == '>' || c == '&';
}

static void put_ascii(struct buf *out, unsigned char c, bool html)
{
    static const char named[] = "\n\r\t\"\\";
    static const char letters[] = "nrt\"\\";
    const char *at = memchr(named, c, sizeof(named) - 1);
    if (at)
        buf_printf(out, "\\%c", letters[at - named]);
    else if (c < 0x20 || (html && is_of_html(c)))
        buf_printf(out, "\\u%04x", c);
    else
        buf_add_char(out, (char)c);
}

/* The bytes at the start that stand for themselves: most texts are such ones. */
static size_t plain_len(const unsigned char *at, const unsigned char *end)
{
    const unsigned char *from = at;
    while (at < end && *at >= 0x20 && *at < 0x7f && *at != '"' && *at != '\\' && !is_of_html(*at))
        at++;
    return (size_t)(at - from);
}

/* `html`: the characters of HTML are escaped. */
static void put_quoted(struct buf *out, const char *text, bool html)
{
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *end = at + strlen(text);
    buf_add_char(out, '"');
    while (at < end) {
        size_t plain = plain_len(at, end);
        buf_add(out, at, plain);
        at += plain;
        if (at == end)
            break;
        size_t len = utf8_len(at, (size_t)(end - at));
        if (len == 1) {
            put_ascii(out, *at, html);
        } else if (len == 0) {
            buf_add_text(out, "\\ufffd");
            len = 1;
        } else if (len == 3 && at[0] == 0xe2 && at[1] == 0x80 && (at[2] & 0xfe) == 0xa8) {
            buf_printf(out, "\\u20%02x", (unsigned)at[2] - 0x80);
        } else {
            buf_add(out, at, len);
        }
        at += len;
    }
    buf_add_char(out, '"');
}

void json_key(struct buf *out, const char *key)
{
    separate(out);
    put_quoted(out, key, true);
    buf_add_char(out, ':');
}

void json_put_text(struct buf *out, const char *text)
{
    separate(out);
    put_quoted(out, text, true);
}

void json_put_int(struct buf *out, long long number)
{
    separate(out);
    buf_printf(out, "%lld", number);
}

void json_put_bool(struct buf *out, bool value)
{
    separate(out);
    buf_add_text(out, value ? "true" : "false");
}

void json_put_null(struct buf *out)
{
    separate(out);
    buf_add_text(out, "null");
}

void json_put_pair(struct buf *out, const char *key, const char *text)
{
    json_key(out, key);
    json_put_text(out, text);
}

void json_put_plain_pair(struct buf *out, const char *key, const char *text)
{
    separate(out);
    put_quoted(out, key, false);
    buf_add_char(out, ':');
    put_quoted(out, text, false);
}

void json_put_pair_if(struct buf *out, const char *key, const char *text)
{
    if (text && *text)
        json_put_pair(out, key, text);
}
