#include "cmd/serve/filter_page.h"

#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "cmd/inspect_print.h"
#include "cmd/serve/filter_yaml.h"
#include "cmd/serve/html.h"
#include "cmd/serve/module_page.h"
#include "cmd/serve/size_limit.h"

enum { TEXT_MAX = 64 * 1024 };

static void begin_section(struct buf *out, const char *id, const char *title)
{
    buf_printf(out, "<section aria-labelledby=\"%s\"><h2 id=\"%s\">%s</h2>", id, id, title);
}

static void add_line(struct buf *out, const char *title, const char *where, const char *text)
{
    if (!text || !*text)
        return;
    buf_printf(out, "<tr><th scope=\"row\">%s</th><td><p>%s</p><div class=\"line\">", title, where);
    html_copy(out, text);
    buf_add_text(out, "</div></td></tr>\n");
}

/* --- What the filter is called --- */

static void add_title(struct buf *out, const struct filter_view *view)
{
    const char *slash = strrchr(view->title, '/');
    const char *colon = view->in->reference ? strchr(slash ? slash : view->title, ':') : NULL;
    size_t len = colon ? (size_t)(colon - view->title) : strlen(view->title);
    buf_add_text(out, "<h1>");
    html_text_n(out, view->title, len);
    if (colon) {
        buf_add_text(out, "<span class=\"tag\"><i>:</i>");
        html_text(out, colon + 1);
        buf_add_text(out, "</span>");
    }
    buf_add_text(out, "</h1>");
}

static void add_warnings(struct buf *out, const struct filter_view *view)
{
    if (view->fault) {
        buf_add_text(out, "<p class=\"warn\">The file is no module that a proxy loads: ");
        html_text(out, view->fault);
        buf_add_text(out, "</p>");
    }
    if (size_limit_exceeds(view->in->size)) {
        buf_add_text(out, "<p class=\"warn\">");
        html_text(out, SIZE_LIMIT_WORDS);
        buf_add_text(out, "</p>");
    }
}

/* --- Digests and addresses --- */

static void add_digests(struct buf *out, const struct filter_view *view)
{
    const struct inspected *in = view->in;
    begin_section(out, "digests", "Digests");
    buf_add_text(out, "<div class=\"panel\"><table class=\"keys\"><tbody>\n");
    add_line(out, "Wasm, SHA-256",
             "For the file as HTTP serves it: Envoy's remote code, a WasmPlugin with http://, "
             "EnvoyExtensionPolicy of type HTTP",
             digest_hex(&in->file));
    if (in->manifest.text[0])
        add_line(out, "Image manifest",
                 "For the image in a registry: NAME@sha256:..., and the sha256 field beside an "
                 "oci:// address",
                 in->manifest.text);
    if (in->layer.text[0] && !digest_equal(&in->layer, &in->file))
        add_line(out, "Layer", "The blob that a registry keeps; the manifest names it",
                 in->layer.text);
    add_line(out, "Wasm, MD5", "For MOSN's vm_config.md5", view->md5);
    buf_add_text(out, "</tbody></table></div></section>\n");
}

static char *url_of(const struct filter_view *view, const char *path)
{
    struct buf url = BUF_INIT(TEXT_MAX);
    self_url(view->self, path, &url);
    return buf_steal(&url);
}

static bool has_oci(const struct filter_view *view)
{
    return view->name && view->self->site->registry && view->in->manifest.text[0];
}

static void add_oci(struct buf *out, const struct filter_view *view)
{
    AUTO(buf_release) struct buf tag = BUF_INIT(TEXT_MAX), digest = BUF_INIT(TEXT_MAX);
    const char *slash = strrchr(view->name, '/');
    size_t bare =
        strcspn(slash ? slash : view->name, ":@") + (slash ? (size_t)(slash - view->name) : 0);
    self_oci(view->self, view->name, &tag);
    buf_printf(&digest, "oci://%s/%.*s@%s", view->self->host, (int)bare, view->name,
               view->in->manifest.text);
    add_line(out, "Image, by tag", "For gateways that pull images, and for registry clients",
             buf_text(&tag));
    add_line(out, "Image, by digest", "The same, which never becomes another image",
             buf_text(&digest));
}

static void add_addresses(struct buf *out, const struct filter_view *view)
{
    AUTO_FREE char *first = url_of(view, view->path);
    AUTO_FREE char *other = view->other_path ? url_of(view, view->other_path) : NULL;
    AUTO_FREE char *plugin = view->plugin_path ? url_of(view, view->plugin_path) : NULL;
    begin_section(out, "addresses", "Addresses");
    buf_add_text(out, "<div class=\"panel\"><table class=\"keys\"><tbody>\n");
    add_line(out, "File",
             view->in->reference ? "This very wasm; goes with its SHA-256" : "The wasm", first);
    add_line(out, "File, by name", "The wasm that the name stands for at the time", other);
    add_line(out, "Plugin server", "As Higress's plugin server names it", plugin);
    if (has_oci(view))
        add_oci(out, view);
    buf_add_text(out, "</tbody></table></div>");
    buf_add_text(out, "<p>Files: ");
    for (size_t i = 0; view->files[i]; i++) {
        buf_add_text(out, i ? ", <a href=\"./" : "<a href=\"./");
        html_path(out, view->files[i]);
        buf_add_text(out, "\">");
        html_text(out, view->files[i]);
        buf_add_text(out, "</a>");
    }
    buf_add_text(out, "</p></section>\n");
}

/* --- Configuration --- */

static void add_block(struct buf *out, const char *title, bool open, const struct buf *yaml)
{
    buf_printf(out,
               "<details class=\"panel\"%s><summary>%s</summary><div class=\"block\"><pre "
               "class=\"copy\" tabindex=\"0\" aria-label=\"%s\" data-what=\"%s\">",
               open ? " open" : "", title, title, title);
    html_text(out, buf_text(yaml));
    buf_add_text(out, "</pre></div></details>\n");
}

static void add_configuration(struct buf *out, const struct filter_view *view)
{
    AUTO(buf_release)
    struct buf envoy = BUF_INIT(TEXT_MAX), http = BUF_INIT(TEXT_MAX), oci = BUF_INIT(TEXT_MAX);
    begin_section(out, "configuration", "Configuration");
    filter_yaml_envoy(view, &envoy);
    add_block(out, "Envoy: remote code", true, &envoy);
    if (has_oci(view)) {
        filter_yaml_istio(view, true, &oci);
        add_block(out, "Istio: WasmPlugin with oci://", false, &oci);
    }
    filter_yaml_istio(view, false, &http);
    add_block(out, "Istio: WasmPlugin with http://", false, &http);
    buf_add_text(out, "</section>\n");
}

void filter_page(const struct filter_view *view, struct server_reply *out)
{
    struct buf *page = &out->page;
    page_begin(out, view->title, view->steps);
    add_title(page, view);
    module_page_facts(view, page);
    add_warnings(page, view);
    add_addresses(page, view);
    add_digests(page, view);
    add_configuration(page, view);
    if (!view->fault)
        module_page(view, page);
    page_end(out);
    page_tag(out);
}

/* --- JSON --- */

static void put_url(struct buf *out, const char *key, const struct filter_view *view,
                    const char *path)
{
    AUTO_FREE char *url = path ? url_of(view, path) : NULL;
    json_put_pair_if(out, key, url);
}

void filter_page_json(const struct filter_view *view, struct server_reply *out)
{
    struct buf *page = &out->page;
    page_set_up(out, "application/json");
    json_begin_object(page);
    inspected_put_members(view->in, 0, page);
    json_put_pair(page, "md5", view->md5);
    json_put_pair_if(page, "fault", view->fault);
    json_key(page, "addresses");
    json_begin_object(page);
    put_url(page, "file", view, view->other_path ? view->other_path : view->path);
    put_url(page, "fileByDigest", view, view->other_path ? view->path : NULL);
    json_put_pair(page, "fileSha256", digest_hex(&view->in->file));
    put_url(page, "plugin", view, view->plugin_path);
    if (has_oci(view)) {
        AUTO(buf_release) struct buf oci = BUF_INIT(TEXT_MAX);
        self_oci(view->self, view->name, &oci);
        json_put_pair(page, "oci", buf_text(&oci));
        json_put_pair(page, "ociSha256", digest_hex(&view->in->manifest));
    }
    json_end_object(page);
    json_end_object(page);
    buf_add_char(page, '\n');
}
