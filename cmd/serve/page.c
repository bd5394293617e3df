#include "cmd/serve/page.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "cmd/serve/assets.h"
#include "cmd/serve/html.h"

enum { PAGE_MAX = 32 * 1024 * 1024 };

#define ICON_FRAME "M12 1l9.5 5.5v11L12 23l-9.5-5.5v-11z"
#define ICON_WAVE "M6.5 9.5l2 6 3.500-5 3.500 5 2-6"

void page_set_up(struct server_reply *out, const char *content_type)
{
    out->kind = REPLY_PAGE;
    out->content_type = content_type;
    out->cache = "no-cache";
    buf_init(&out->page, PAGE_MAX);
    server_reply_field(out, "Vary", "Accept");
}

static void set_up_html(struct server_reply *out)
{
    page_set_up(out, "text/html; charset=utf-8");
    server_reply_field(out, "Content-Security-Policy", assets_policy());
    server_reply_field(out, "Referrer-Policy", "no-referrer");
}

static void add_steps(struct buf *page, const struct page_step *steps)
{
    if (!steps->text)
        return;
    buf_add_text(page, "<nav class=\"crumbs\" aria-label=\"Breadcrumb\"><ol>");
    for (; steps->text; steps++) {
        buf_add_text(page, "<li>");
        if (steps->path) {
            buf_add_text(page, "<a href=\"");
            html_path(page, steps->path);
            buf_add_text(page, "\">");
        }
        html_text(page, steps->text);
        buf_add_text(page, steps->path ? "</a></li>" : "</li>");
    }
    buf_add_text(page, "</ol></nav>");
}

void page_begin(struct server_reply *out, const char *title, const struct page_step *steps)
{
    struct buf *page = &out->page;
    set_up_html(out);
    buf_add_text(page, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                       "<title>");
    html_text(page, title);
    buf_add_text(
        page, "</title><link rel=\"icon\" href=\"data:image/svg+xml,%3Csvg xmlns='http://"
              "www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Cpath fill='%2308664b' d='" ICON_FRAME
              "'/%3E%3C/svg%3E\"><style>");
    buf_add_text(page, assets_style());
    buf_add_text(page, "</style></head>\n<body><a class=\"skip\" href=\"#main\">Skip to the "
                       "content</a>\n<header class=\"top\"><div><a class=\"brand\" href=\"/\">"
                       "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"" ICON_FRAME
                       "\"/><path d=\"" ICON_WAVE "\"/></svg>wasme</a>");
    add_steps(page, steps);
    buf_add_text(page, "</div></header>\n<main id=\"main\">\n");
}

void page_end(struct server_reply *out)
{
    buf_add_text(&out->page,
                 "</main>\n<footer>Served by wasme " WASME_VERSION "</footer>\n<script>");
    buf_add_text(&out->page, assets_script());
    buf_add_text(&out->page, "</script></body></html>\n");
}

void page_search(struct buf *out, const char *label, const char *hint, const char *query)
{
    buf_printf(out,
               "<form class=\"search\" role=\"search\" method=\"get\" action=\"./\">"
               "<label class=\"sr\" for=\"q\">%s</label><input id=\"q\" name=\"q\" type=\"search\" "
               "placeholder=\"%s\" autocomplete=\"off\" spellcheck=\"false\" value=\"",
               label, hint);
    html_text(out, query ? query : "");
    buf_add_text(out, "\"><button>Search</button></form>");
}

void page_tag(struct server_reply *out)
{
    struct digest digest;
    digest_of(buf_text(&out->page), out->page.len, &digest);
    snprintf(out->etag, sizeof(out->etag), "page-%.32s", digest_hex(&digest));
}

void page_again(struct server_reply *out, const struct buf *page, const char *etag)
{
    set_up_html(out);
    buf_add(&out->page, page->data, page->len);
    snprintf(out->etag, sizeof(out->etag), "%s", etag);
}

void page_add_slash(struct server_reply *out, const char *path)
{
    AUTO(buf_release) struct buf location = BUF_INIT(PAGE_MAX);
    html_path(&location, path);
    buf_add_char(&location, '/');
    server_reply_status(out, 301);
    server_reply_field(out, "Location", buf_text(&location));
}
