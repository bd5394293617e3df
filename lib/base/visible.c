#include "base/visible.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

/* C1, and U+202A to U+202E and U+2066 to U+2069, which turn the direction of writing. */
static bool is_hidden_control(const unsigned char *at, size_t len)
{
    if (len == 2)
        return at[0] == 0xc2 && at[1] < 0xa0;
    if (len != 3 || at[0] != 0xe2)
        return false;
    return (at[1] == 0x80 && at[2] >= 0xaa && at[2] <= 0xae) ||
           (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9);
}

size_t visible_len(const unsigned char *text, size_t left)
{
    if (text[0] < 0x20 || text[0] == 0x7f)
        return 0;
    size_t len = utf8_len(text, left);
    return is_hidden_control(text, len) ? 0 : len;
}

void visible_add(struct buf *out, const char *text, bool lines)
{
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *end = at + strlen(text);
    const unsigned char *run = at; /* what may be shown and is not added yet */
    while (at < end) {
        size_t shown =
            lines && (*at == '\n' || *at == '\t') ? 1 : visible_len(at, (size_t)(end - at));
        if (shown) {
            at += shown;
            continue;
        }
        size_t hidden = utf8_len(at, (size_t)(end - at));
        buf_add(out, run, (size_t)(at - run));
        buf_add_char(out, '?');
        at += hidden ? hidden : 1;
        run = at;
    }
    buf_add(out, run, (size_t)(end - run));
}

void visible_print(const char *text, FILE *out)
{
    struct buf clean = BUF_INIT(strlen(text));
    visible_add(&clean, text, false);
    fputs(buf_text(&clean), out);
    buf_release(&clean);
}

static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                            "_-./=:,+@%";

/* Where the quotes begin: behind the sign in -flag=value, as people write it. */
static size_t bare_len(const char *word)
{
    size_t bare = strspn(word, plain);
    const char *sign = strchr(word, '=');
    return word[0] == '-' && sign && (size_t)(sign - word) < bare ? (size_t)(sign - word) + 1 : 0;
}

static bool is_visible(const char *word)
{
    size_t left = strlen(word), len = 1;
    for (; left && len; word += len, left -= len)
        len = visible_len((const unsigned char *)word, left);
    return len != 0;
}

/* $'...' of POSIX.1-2024, section 2.2.4, which the shells had long before. */
static void quote_invisible(struct buf *out, const char *word)
{
    size_t left = strlen(word);
    buf_add_text(out, "$'");
    while (left) {
        size_t len = visible_len((const unsigned char *)word, left);
        if (len == 0)
            buf_printf(out, "\\%03o", (unsigned)(unsigned char)*word);
        else if (*word == '\'' || *word == '\\')
            buf_printf(out, "\\%c", *word);
        else
            buf_add(out, word, len);
        word += len ? len : 1;
        left -= len ? len : 1;
    }
    buf_add_char(out, '\'');
}

void visible_quote(struct buf *out, const char *word)
{
    if (!is_visible(word)) {
        quote_invisible(out, word);
        return;
    }
    if (*word && word[strspn(word, plain)] == '\0') {
        buf_add_text(out, word);
        return;
    }
    size_t bare = bare_len(word);
    buf_add(out, word, bare);
    buf_add_char(out, '\'');
    for (word += bare; *word; word++) {
        if (*word == '\'')
            buf_add_text(out, "'\\''");
        else
            buf_add_char(out, *word);
    }
    buf_add_char(out, '\'');
}

void visible_add_clean(struct buf *out, const char *text, size_t len, size_t max)
{
    size_t start = out->len;
    for (size_t at = 0; at < len;) {
        const unsigned char *here = (const unsigned char *)text + at;
        size_t step = visible_len(here, len - at);
        if (out->len - start + step > max)
            return;
        if (step)
            buf_add(out, here, step);
        else if ((*here == '\n' || *here == '\t') && out->len > start)
            buf_add_char(out, ' ');
        at += step ? step : 1;
    }
}

bool visible_is_all(const char *text)
{
    for (const char *at = text; *at; at++)
        if (*at <= ' ' || *at > '~')
            return false;
    return *text != '\0';
}
