#include "base/visible.h"

#include <string.h>

#include "base/utf8.h"

/* The bytes of the character that may be shown; 0 when it may not. */
static size_t shown_len(const unsigned char *at, size_t left, bool lines)
{
    if (at[0] < 0x20 || at[0] == 0x7f)
        return lines && (at[0] == '\n' || at[0] == '\t');
    bool c1 = left >= 2 && at[0] == 0xc2 && at[1] < 0xa0;
    return c1 ? 0 : utf8_len(at, left);
}

void visible_add(struct buf *out, const char *text, bool lines)
{
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *end = at + strlen(text);
    const unsigned char *run = at; /* what may be shown and is not added yet */
    while (at < end) {
        size_t len = shown_len(at, (size_t)(end - at), lines);
        if (len) {
            at += len;
            continue;
        }
        buf_add(out, run, (size_t)(at - run));
        buf_add_char(out, '?');
        at += at[0] == 0xc2 && end - at >= 2 && at[1] >= 0x80 && at[1] < 0xa0 ? 2 : 1;
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
