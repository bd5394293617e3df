#include "cmd/serve/folder_page.h"

#include <string.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "cmd/serve/html.h"
#include "cmd/serve/page.h"
#include "cmd/serve/size_limit.h"
#include "cmd/serve_limits.h"

static bool is_found(const struct page_search *search, const struct folder_entry *entry)
{
    return page_search_finds(search, (const char *[]){entry->name, entry->abi, NULL});
}

static const char *abi_words(const struct folder_entry *entry)
{
    if (!entry->looked)
        return "";
    return *entry->abi ? entry->abi : entry->module ? "none" : "no module";
}

static void add_link(struct buf *out, const char *name, bool folder)
{
    buf_add_text(out, "<a href=\"./");
    html_path(out, name);
    buf_add_text(out, folder ? "/\"><b>" : "\"><b>");
    html_text(out, name);
    buf_add_text(out, folder ? "/</b></a>" : "</b></a>");
}

static void add_row(struct buf *out, const struct folder_entry *entry)
{
    buf_add_text(out, "<tr data-words=\"\"><th scope=\"row\">");
    add_link(out, entry->name, entry->folder);
    buf_printf(out, "</th><td class=\"n\" data-n=\"%lld\">", entry->folder ? -1 : entry->size);
    if (!entry->folder)
        html_size(out, entry->size);
    if (entry->module && size_limit_exceeds(entry->size))
        buf_add_text(out, " <span class=\"no\">over Envoy's 32 MiB</span>");
    buf_add_text(out, "</td><td class=\"abi\">");
    html_text(out, abi_words(entry));
    buf_add_text(out, "</td><td class=\"when\">");
    html_time(out, entry->modified);
    buf_add_text(out, "</td></tr>\n");
}

/* The steps to the folder: "a", "b" of "/a/b/". The names are cut out of `path`. */
enum { STEPS_MAX = 64 };
static void make_steps(char *path, struct page_step steps[STEPS_MAX + 1], char *links[STEPS_MAX])
{
    size_t count = 0;
    AUTO(buf_release) struct buf link = BUF_INIT(8 * 1024);
    char *rest = path, *part;
    buf_add_char(&link, '/');
    while (count < STEPS_MAX && (part = strsep(&rest, "/"))) {
        if (!*part)
            continue;
        buf_printf(&link, "%s/", part);
        links[count] = mem_dup(buf_text(&link));
        steps[count] = (struct page_step){part, links[count]};
        count++;
    }
    steps[count] = (struct page_step){NULL, NULL};
}

static void begin(const struct folder_view *view, struct server_reply *out)
{
    struct page_step steps[STEPS_MAX + 1];
    char *links[STEPS_MAX] = {NULL};
    AUTO_FREE char *path = mem_dup(view->path);
    make_steps(path, steps, links);
    page_begin(out, view->path, steps);
    for (size_t i = 0; i < STEPS_MAX; i++)
        mem_free_at(&links[i]);
}

static void add_head(struct buf *page, const struct folder_view *view)
{
    buf_add_text(page, "<div class=\"head\"><div><h1>");
    html_text(page, view->path[1] ? view->path : "Files");
    buf_add_text(page, "</h1><p class=\"soft\" id=\"status\" role=\"status\">");
    if (view->search->text) {
        buf_add_text(page, "Names with ");
        html_text(page, view->search->text);
    }
    buf_add_text(page, "</p></div>");
    page_search(page, "Search this folder", "Name, ABI", view->search->text);
    buf_add_text(page, "</div>\n<div class=\"panel\"><table class=\"list\"><caption class=\"sr\">"
                       "Files of the folder</caption><thead><tr><th scope=\"col\">Name</th>"
                       "<th scope=\"col\" class=\"n\">Size</th><th scope=\"col\">ABI</th>"
                       "<th scope=\"col\">Updated</th></tr></thead><tbody>\n");
}

static void add_end(struct buf *page, const struct folder_view *view, size_t shown)
{
    bool at_least = false;
    size_t left = view->left(view->arg, &at_least);
    buf_add_text(page, "</tbody></table></div>\n");
    if (left)
        buf_printf(page, "<p>%s %zu more</p>\n", at_least ? "and at least" : "and", left);
    else if (!shown)
        buf_add_text(page, view->search->text ? "<p>No name here has all of these words. "
                                                "<a href=\"./\">Show all</a></p>\n"
                                              : "<p>This folder is empty.</p>\n");
}

void folder_page(const struct folder_view *view, struct server_reply *out)
{
    struct buf *page = &out->page;
    struct folder_entry entry;
    size_t shown = 0;
    begin(view, out);
    add_head(page, view);
    if (view->path[1])
        buf_add_text(page, "<tr data-words=\"\"><th scope=\"row\"><a href=\"../\"><b>../</b></a>"
                           "</th><td class=\"n\" data-n=\"-2\"></td><td></td><td></td></tr>\n");
    while (page->len < LISTING_BYTES_MAX && view->next(view->arg, &entry)) {
        if (!is_found(view->search, &entry))
            continue;
        add_row(page, &entry);
        shown++;
    }
    add_end(page, view, shown);
    page_end(out);
    page_tag(out);
}

static void put_entry(struct buf *out, const struct folder_entry *entry)
{
    char stamp[CLOCK_TEXT_MAX];
    json_begin_object(out);
    json_put_pair(out, "name", entry->name);
    json_put_pair(out, "type", entry->folder ? "folder" : "file");
    if (!entry->folder) {
        json_key(out, "size");
        json_put_int(out, entry->size);
    }
    if (clock_format(entry->modified, stamp))
        json_put_pair(out, "updated", stamp);
    if (entry->looked) {
        json_key(out, "module");
        json_put_bool(out, entry->module);
    }
    json_put_pair_if(out, "abi", entry->abi);
    json_end_object(out);
}

void folder_page_json(const struct folder_view *view, struct server_reply *out)
{
    struct buf *page = &out->page;
    struct folder_entry entry;
    bool at_least = false;
    page_set_up(out, "application/json");
    json_begin_object(page);
    json_put_pair(page, "path", view->path);
    json_key(page, "entries");
    json_begin_array(page);
    while (page->len < LISTING_BYTES_MAX && view->next(view->arg, &entry)) {
        if (is_found(view->search, &entry))
            put_entry(page, &entry);
    }
    json_end_array(page);
    json_key(page, "more");
    json_put_int(page, (long long)view->left(view->arg, &at_least));
    json_end_object(page);
    buf_add_char(page, '\n');
}
