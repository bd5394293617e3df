#include "cmd/serve/html.h"

#include <string.h>

#include "base/clock.h"
#include "base/percent.h"
#include "base/utf8.h"
#include "base/visible.h"
#include "cmd/table.h"

static const char *entity_of(char c)
{
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* The bytes at the start that stand for themselves: most texts are such ones. */
static size_t plain_len(const char *text, size_t len)
{
    size_t i = 0;
    while (i < len && text[i] >= 0x20 && text[i] < 0x7f && !entity_of(text[i]))
        i++;
    return i;
}

void html_text_n(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t plain = plain_len(text + i, len - i);
        buf_add(out, text + i, plain);
        i += plain;
        if (i == len)
            break;
        const char *entity = entity_of(text[i]);
        const unsigned char *at = (const unsigned char *)text + i;
        size_t count = visible_len(at, len - i), whole = utf8_len(at, len - i);
        bool line = text[i] == '\n' || text[i] == '\t';
        if (entity)
            buf_add_text(out, entity);
        else if (count || line)
            buf_add(out, text + i, count ? count : 1);
        else
            buf_add_text(out, "\xef\xbf\xbd");
        i += whole ? whole : 1;
    }
}

void html_text(struct buf *out, const char *text)
{
    html_text_n(out, text, strlen(text));
}

void html_path(struct buf *out, const char *path)
{
    percent_add(out, path, strlen(path), "/:@");
}

void html_size(struct buf *out, long long bytes)
{
    char text[32];
    table_size(bytes, text);
    buf_add_text(out, text);
}

void html_time(struct buf *out, time_t when)
{
    enum { DATE = 10 };
    char stamp[CLOCK_TEXT_MAX];
    if (when && clock_format(when, stamp))
        buf_printf(out, "<time datetime=\"%s\">%.*s</time>", stamp, DATE, stamp);
}

void html_copy(struct buf *out, const char *text)
{
    buf_add_text(out, "<code class=\"copy\">");
    html_text(out, text);
    buf_add_text(out, "</code>");
}
