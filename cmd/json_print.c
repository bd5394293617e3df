#include "cmd/json_print.h"

#include <stdio.h>

#include "base/utf8.h"
#include "base/visible.h"

/* The code point of a character that visible_len() refuses: at most three bytes of UTF-8. */
static unsigned code_of(const unsigned char *at, size_t len)
{
    if (len == 1)
        return at[0];
    if (len == 2)
        return (at[0] & 0x1fU) << 6 | (at[1] & 0x3fU);
    return (at[0] & 0xfU) << 12 | (at[1] & 0x3fU) << 6 | (at[2] & 0x3fU);
}

int json_print(const struct buf *json, const char *what, struct err *err)
{
    const unsigned char *at = (const unsigned char *)buf_text(json);
    const unsigned char *end = at + json->len;
    if (buf_overflowed(json))
        return err_set(err, ERR_FAILED, "%s: more than %zu bytes of JSON", what, json->max);
    const unsigned char *run = at; /* the characters that may be shown and are not printed yet */
    while (at < end) {
        size_t shown = visible_len(at, (size_t)(end - at));
        size_t hidden = shown ? 0 : utf8_len(at, (size_t)(end - at));
        if (!shown) {
            fwrite(run, 1, (size_t)(at - run), stdout);
            printf("\\u%04x", code_of(at, hidden ? hidden : 1));
            run = at + (hidden ? hidden : 1);
        }
        at = shown ? at + shown : run;
    }
    fwrite(run, 1, (size_t)(end - run), stdout);
    putchar('\n');
    return 0;
}
