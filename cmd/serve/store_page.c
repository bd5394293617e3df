#include "cmd/serve/store_page.h"

#include <stdio.h>
#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "cmd/serve/html.h"
#include "cmd/serve/page.h"

/* --- The page --- */

static const struct page_search everything = {0};

static bool is_found(const struct page_search *search, const struct catalogue_item *item)
{
    const char *form = item->image->form;
    const char *texts[] = {item->row->ref, item->row->digest.text, item->row->manifest.text,
                           item->abi,      form ? form : "",       NULL};
    return page_search_finds(search, texts);
}

/* Adds the name with its last part in bold, and the tag behind it. */
static void add_name(struct buf *out, const struct row *row)
{
    const char *slash = strrchr(row->name, '/');
    const char *last = slash ? slash + 1 : row->name;
    html_text_n(out, row->name, (size_t)(last - row->name));
    buf_add_text(out, "<b>");
    html_text(out, last);
    buf_add_text(out, "</b><span class=\"tag\"><i>:</i>");
    html_text(out, row->tag);
    buf_add_text(out, "</span>");
}

static void add_row(struct buf *out, const struct catalogue_item *item)
{
    const struct row *row = item->row;
    buf_add_text(out, "<tr data-words=\"");
    html_text(out, row->ref);
    buf_printf(out, " %s %s\"><th scope=\"row\"><a href=\"./%s/\">", digest_hex(&row->digest),
               digest_hex(&row->manifest), item->image->folder);
    add_name(out, row);
    buf_printf(out, "</a></th><td class=\"n\" data-n=\"%lld\">", row->size);
    html_size(out, row->size);
    buf_add_text(out, "</td><td class=\"abi\">");
    html_text(out, *item->abi ? item->abi : item->module ? "none" : "no module");
    buf_printf(out, "</td><td class=\"wide\">%s</td><td class=\"when\">",
               item->image->form ? item->image->form : "");
    html_time(out, row->updated);
    buf_printf(out, "</td><td class=\"wide\"><code>%.12s</code></td></tr>\n",
               digest_hex(&row->digest));
}

static size_t count_found(const struct catalogue *catalogue, const struct page_search *search)
{
    size_t found = 0;
    for (size_t i = 0; i < catalogue->count; i++)
        found += is_found(search, &catalogue->items[i]);
    return found;
}

static void add_head(struct buf *page, const struct catalogue *catalogue,
                     const struct page_search *search, size_t found)
{
    buf_add_text(page, "<div class=\"head\"><div><h1>Images</h1><p class=\"soft\" id=\"status\" "
                       "role=\"status\">");
    if (search->text)
        buf_printf(page, "%zu of %zu shown", found, catalogue->count);
    else
        buf_printf(page, "%zu image%s", found, found == 1 ? "" : "s");
    if (!search->text && catalogue->count) {
        buf_add_text(page, ", ");
        html_size(page, catalogue->bytes);
    }
    buf_add_text(page, "</p></div>");
    page_search(page, "Search the images", "Name, tag, digest, ABI", search->text);
    buf_add_text(page, "</div>\n");
}

static void add_table(struct buf *page, const struct catalogue *catalogue,
                      const struct page_search *search)
{
    buf_add_text(page,
                 "<div class=\"panel\"><table class=\"list\"><caption class=\"sr\">Images of the "
                 "store</caption><thead><tr><th scope=\"col\">Name</th>"
                 "<th scope=\"col\" class=\"n\">Size</th><th scope=\"col\">ABI</th>"
                 "<th scope=\"col\" class=\"wide\">Form</th><th scope=\"col\">Updated</th>"
                 "<th scope=\"col\" class=\"wide\">SHA-256</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < catalogue->count; i++) {
        if (is_found(search, &catalogue->items[i]))
            add_row(page, &catalogue->items[i]);
    }
    buf_add_text(page, "</tbody></table></div>\n");
}

static void add_empty(struct buf *page, const struct page_search *search)
{
    buf_add_text(page, "<div class=\"panel empty\">");
    if (search->text)
        buf_add_text(page, "<p>No image has all of these words.</p><p><a href=\"./\">Show all "
                           "images</a></p>");
    else
        buf_add_text(page, "<p>The store has no images yet.</p><p><code>wasme build</code> and "
                           "<code>wasme pull</code> put images into it; they show here at "
                           "once.</p>");
    buf_add_text(page, "</div>\n");
}

void store_page_found(const struct catalogue *catalogue, const struct page_search *search,
                      struct server_reply *out)
{
    static const struct page_step steps[] = {{NULL, NULL}};
    size_t found = count_found(catalogue, search);
    page_begin(out, "Images - wasme", steps);
    add_head(&out->page, catalogue, search, found);
    if (found)
        add_table(&out->page, catalogue, search);
    else
        add_empty(&out->page, search);
    page_end(out);
    page_tag(out);
}

void store_page_prepare(struct catalogue *catalogue)
{
    struct server_reply reply = {.fd = -1, .fields = BUF_INIT(REPLY_FIELDS_MAX)};
    store_page_found(catalogue, &everything, &reply);
    catalogue->page = reply.page;
    snprintf(catalogue->etag, sizeof(catalogue->etag), "%s", reply.etag);
    buf_release(&reply.fields);
}

void store_page_all(const struct catalogue *catalogue, struct server_reply *out)
{
    page_again(out, &catalogue->page, catalogue->etag);
}

/* --- JSON --- */

static void put_url(struct buf *out, const char *key, const struct self *self, const char *path)
{
    AUTO(buf_release) struct buf url = BUF_INIT(64 * 1024);
    self_url(self, path, &url);
    json_put_pair(out, key, buf_text(&url));
}

static void put_oci(const struct catalogue_item *item, const struct self *self, struct buf *out)
{
    AUTO(buf_release) struct buf text = BUF_INIT(64 * 1024);
    self_oci(self, item->name, &text);
    json_put_pair(out, "oci", buf_text(&text));
    json_put_pair(out, "ociSha256", digest_hex(&item->row->manifest));
}

void store_page_members(const struct catalogue_item *item, const struct self *self, struct buf *out)
{
    AUTO_FREE char *by_digest = mem_printf("/%s", digest_hex(&item->row->digest));
    AUTO_FREE char *by_ref = mem_printf("/%s", item->row->ref);
    AUTO_FREE char *page = mem_printf("/%s/", item->image->folder);
    row_put_members(item->row, out);
    json_put_pair_if(out, "format", item->image->form);
    json_put_pair_if(out, "abi", item->abi);
    json_key(out, "addresses");
    json_begin_object(out);
    put_url(out, "file", self, by_ref);
    put_url(out, "fileByDigest", self, by_digest);
    json_put_pair(out, "fileSha256", digest_hex(&item->row->digest));
    if (self->site->registry && item->row->manifest.text[0])
        put_oci(item, self, out);
    put_url(out, "page", self, page);
    json_end_object(out);
}

void store_page_json(const struct catalogue *catalogue, const struct page_search *search,
                     const struct self *self, struct server_reply *out)
{
    page_set_up(out, "application/json");
    json_begin_array(&out->page);
    for (size_t i = 0; i < catalogue->count; i++) {
        if (!is_found(search, &catalogue->items[i]))
            continue;
        json_begin_object(&out->page);
        store_page_members(&catalogue->items[i], self, &out->page);
        json_end_object(&out->page);
    }
    json_end_array(&out->page);
    buf_add_char(&out->page, '\n');
}
