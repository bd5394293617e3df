#include "completions/completions.h"

#include <string.h>

#include "base/buf.h"

const struct command *const *completions_visible(const struct command *const *at)
{
    while (*at && !command_visible(*at))
        at++;
    return *at ? at : NULL;
}

char *completions_escape(const char *text, const char *special)
{
    struct buf out = BUF_INIT(64 * 1024);
    for (; *text; text++) {
        if (strchr(special, *text))
            buf_add_char(&out, '\\');
        buf_add_char(&out, *text);
    }
    return buf_steal(&out);
}
