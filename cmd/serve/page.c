#include "cmd/serve/page.h"

#include <string.h>

#include "base/mem.h"
#include "base/percent.h"
#include "cmd/table.h"

enum { PAGE_MAX = 32 * 1024 * 1024 };

static void add_html(struct buf *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '<':
            buf_add_text(out, "&lt;");
            break;
        case '>':
            buf_add_text(out, "&gt;");
            break;
        case '&':
            buf_add_text(out, "&amp;");
            break;
        case '"':
            buf_add_text(out, "&quot;");
            break;
        default:
            buf_add_char(out, *text);
        }
    }
}

static void add_encoded(struct buf *out, const char *path)
{
    percent_add(out, path, strlen(path), "/:@");
}

static void set_up(struct server_reply *out)
{
    out->kind = REPLY_PAGE;
    out->content_type = "text/html; charset=utf-8";
    out->cache = "no-cache";
    buf_init(&out->page, PAGE_MAX);
}

void serve_page_again(struct server_reply *out, const struct buf *page)
{
    set_up(out);
    buf_add(&out->page, page->data, page->len);
}

void serve_page_begin(struct server_reply *out, const char *title)
{
    set_up(out);
    buf_add_text(&out->page,
                 "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>");
    add_html(&out->page, title);
    buf_add_text(&out->page, "</title><style>body{font-family:sans-serif;margin:2em}td{padding:0 "
                             "2em 0 0;font-family:monospace}</style></head><body><h1>");
    add_html(&out->page, title);
    buf_add_text(&out->page, "</h1><table>\n");
}

void serve_page_row(struct server_reply *out, const char *path, const char *text, long long size,
                    time_t when)
{
    char shown_size[32] = "", shown_time[64] = "";
    if (size >= 0)
        table_size(size, shown_size);
    if (when)
        table_time(when, shown_time);
    buf_add_text(&out->page, "<tr><td><a href=\"");
    add_encoded(&out->page, path);
    buf_add_text(&out->page, "\">");
    add_html(&out->page, text);
    buf_printf(&out->page, "</a></td><td>%s</td><td>%s</td></tr>\n", shown_size, shown_time);
}

void serve_page_more(struct server_reply *out, size_t count, bool at_least)
{
    buf_printf(&out->page, "<tr><td>%s %zu more</td></tr>\n", at_least ? "and at least" : "and",
               count);
}

void serve_page_end(struct server_reply *out)
{
    buf_add_text(&out->page, "</table></body></html>\n");
}

void serve_add_slash(struct server_reply *out, const char *path)
{
    AUTO(buf_release) struct buf location = BUF_INIT(PAGE_MAX);
    add_encoded(&location, path);
    buf_add_char(&location, '/');
    server_reply_status(out, 301);
    server_reply_field(out, "Location", buf_text(&location));
}
