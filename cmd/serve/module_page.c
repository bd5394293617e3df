#include "cmd/serve/module_page.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/chart.h"
#include "cmd/facts.h"
#include "cmd/serve/html.h"
#include "image/gateway.h"
#include "module/host/host.h"

enum { NAMES_SHOWN_MAX = 2000, SECTIONS_SHOWN_MAX = 200 };

/* --- Facts --- */

static void begin_fact(struct buf *out, const char *label)
{
    buf_printf(out, "<div><dt>%s</dt><dd>", label);
}

static void add_fact(struct buf *out, const struct facts *facts, enum fact_kind kind,
                     const char *none)
{
    const struct fact *fact = &facts->of[kind];
    if (!fact->count && !none)
        return;
    begin_fact(out, fact_label(kind));
    for (size_t i = 0; i < fact->count; i++) {
        buf_add_text(out, i ? ", " : "");
        html_text(out, fact->items[i]);
    }
    buf_add_text(out, fact->count ? "" : none);
    buf_add_text(out, "</dd></div>");
}

void module_page_facts(const struct filter_view *view, struct buf *out)
{
    static const enum fact_kind shown[] = {FACT_KIND, FACT_ROOT_IDS, FACT_LANGUAGE, FACT_TOOLS,
                                           FACT_FEATURES};
    AUTO(facts_release) struct facts facts = {0};
    facts_find(view->in, &facts);
    buf_add_text(out, "<dl class=\"facts\">");
    begin_fact(out, "Size");
    html_size(out, view->in->size);
    buf_add_text(out, "</dd></div>");
    if (view->updated) {
        begin_fact(out, "Updated");
        html_time(out, view->updated);
        buf_add_text(out, "</dd></div>");
    }
    if (!view->fault)
        add_fact(out, &facts, FACT_ABI, "none: proxies load no module without one");
    if (view->in->reference)
        add_fact(out, &facts, FACT_FORMAT, NULL);
    for (size_t i = 0; !view->fault && i < COUNT(shown); i++)
        add_fact(out, &facts, shown[i], NULL);
    buf_add_text(out, "</dl>\n");
}

/* --- Who takes it --- */

static void add_verdict(struct buf *out, const char *name, int loads, const char *why)
{
    static const char *const words[] = {"<span class=\"no\">no</span>",
                                        "<span class=\"yes\">yes</span>", "not known"};
    buf_add_text(out, "<tr><th scope=\"row\">");
    html_text(out, name);
    buf_printf(out, "</th><td>%s", words[loads]);
    if (why) {
        buf_add_text(out, ": ");
        html_text(out, why);
    }
    buf_add_text(out, "</td></tr>\n");
}

static void add_gateways(struct buf *out, const struct filter_view *view)
{
    static const char *const titles[GATEWAY_COUNT] = {
        [GATEWAY_ISTIO] = "Istio",
        [GATEWAY_ENVOY_GATEWAY] = "Envoy Gateway",
        [GATEWAY_HIGRESS] = "Higress",
        [GATEWAY_WKG] = "wkg",
    };
    const struct gateway_image image = {
        .ref = view->title, .manifest = view->manifest, .digest = &view->in->manifest};
    for (enum gateway gateway = 0; gateway < GATEWAY_COUNT; gateway++) {
        AUTO(gateway_verdict_release) struct gateway_verdict verdict = {0};
        if (gateway_check(gateway, &image, &verdict, ERR_IGNORED) != 0)
            continue;
        add_verdict(out, titles[gateway], verdict.unsure ? 2 : verdict.loads,
                    verdict.loads ? NULL : verdict.because);
    }
}

static void add_host(struct buf *out, const struct filter_view *view, const char *name)
{
    static const int words[] = {[HOST_LOADS] = 1, [HOST_REFUSES] = 0, [HOST_UNKNOWN] = 2};
    AUTO(host_verdict_release) struct host_verdict verdict = {0};
    struct host_choice choice;
    if (host_parse(name, &choice, ERR_IGNORED) != 0 ||
        host_judge(&choice, view->fd, &view->in->module, NULL, &verdict, ERR_IGNORED) != 0)
        return;
    AUTO_FREE char *shown = mem_printf("%s %s", host_title(&choice), host_version_name(&choice));
    add_verdict(out, shown, words[verdict.answer], verdict.because);
}

static void begin_takers(struct buf *out, const char *what)
{
    buf_printf(out, "<div class=\"panel\"><table class=\"keys\"><caption>%s</caption><tbody>\n",
               what);
}

static void add_takers(struct buf *out, const struct filter_view *view)
{
    const char *name;
    buf_add_text(out,
                 "<section aria-labelledby=\"takers\"><h2 id=\"takers\">Who takes it</h2>"
                 "<p class=\"soft\">By the rules of <code>wasme check</code>, which also looks "
                 "into layers and functions.</p><div class=\"takers\">");
    if (view->manifest) {
        begin_takers(out, "The image, by its manifest");
        add_gateways(out, view);
        buf_add_text(out, "</tbody></table></div>");
    }
    begin_takers(out, "The module, by its imports and exports");
    for (size_t i = 0; (name = host_listed(i)); i++)
        add_host(out, view, name);
    buf_add_text(out, "</tbody></table></div></div></section>\n");
}

/* --- The module --- */

static void add_section(struct buf *out, const struct module *module,
                        const struct module_section *section, uint64_t most)
{
    char percent[16];
    chart_percent(section->size, module->size, percent);
    double width = most ? 100 * (double)section->size / (double)most : 0;
    buf_printf(out, "<tr><th scope=\"row\">%s", module_section_name(section->id));
    if (section->name) {
        buf_add_text(out, " <code>");
        html_text(out, section->name);
        buf_add_text(out, "</code>");
    }
    buf_add_text(out, "</th><td class=\"n\">");
    html_size(out, (long long)section->size);
    buf_printf(out,
               "</td><td class=\"n wide\">%s</td><td class=\"bar\"><svg aria-hidden=\"true\"><rect "
               "width=\"%.1f%%\" height=\"100%%\" rx=\"3\"/></svg></td></tr>\n",
               percent, width);
}

static void add_sections(struct buf *out, const struct module *module)
{
    uint64_t most = 0;
    size_t shown =
        module->section_count < SECTIONS_SHOWN_MAX ? module->section_count : SECTIONS_SHOWN_MAX;
    for (size_t i = 0; i < module->section_count; i++)
        most = module->sections[i].size > most ? module->sections[i].size : most;
    buf_printf(
        out,
        "<section aria-labelledby=\"sections\"><h2 id=\"sections\">Sections</h2>"
        "<div class=\"panel\"><table class=\"bars\"><thead><tr><th scope=\"col\">Section"
        "</th><th scope=\"col\" class=\"n\">Size</th><th scope=\"col\" class=\"n wide\">Part</th>"
        "<th scope=\"col\"><span class=\"sr\">As a bar</span></th></tr></thead><tbody>\n");
    for (size_t i = 0; i < shown; i++)
        add_section(out, module, &module->sections[i], most);
    buf_add_text(out, "</tbody></table></div>");
    if (shown < module->section_count)
        buf_printf(out, "<p>and %zu more</p>", module->section_count - shown);
    buf_add_text(out, "</section>\n");
}

static void begin_names(struct buf *out, const char *what, size_t count)
{
    buf_printf(out, "<details class=\"panel\"%s><summary>%s, %zu</summary><ul class=\"names\">",
               count && count <= 60 ? " open" : "", what, count);
}

static void end_names(struct buf *out, size_t count)
{
    if (count > NAMES_SHOWN_MAX)
        buf_printf(out, "<li>and %zu more</li>", count - NAMES_SHOWN_MAX);
    buf_add_text(out, "</ul></details>\n");
}

static void add_exports(struct buf *out, const struct module *module)
{
    begin_names(out, "Exports", module->export_count);
    for (size_t i = 0; i < module->export_count && i < NAMES_SHOWN_MAX; i++) {
        const struct module_export *export = &module->exports[i];
        buf_add_text(out, "<li><code>");
        html_text(out, export->name);
        buf_add_text(out, "</code>");
        if (export->kind != EXTERN_FUNC)
            buf_printf(out, " <span class=\"soft\">%s</span>", module_kind_name(export->kind));
        buf_add_text(out, "</li>");
    }
    end_names(out, module->export_count);
}

static void add_imports(struct buf *out, const struct module *module)
{
    begin_names(out, "Imports", module->import_count);
    for (size_t i = 0; i < module->import_count && i < NAMES_SHOWN_MAX; i++) {
        const struct module_import *import = &module->imports[i];
        buf_add_text(out, "<li><code><span class=\"soft\">");
        html_text(out, import->module);
        buf_add_text(out, ".</span>");
        html_text(out, import->name);
        buf_add_text(out, "</code>");
        if (import->kind != EXTERN_FUNC)
            buf_printf(out, " <span class=\"soft\">%s</span>", module_kind_name(import->kind));
        buf_add_text(out, "</li>");
    }
    end_names(out, module->import_count);
}

void module_page(const struct filter_view *view, struct buf *out)
{
    add_takers(out, view);
    add_sections(out, &view->in->module);
    buf_add_text(out, "<section aria-labelledby=\"links\"><h2 id=\"links\">Exports and "
                      "imports</h2>");
    add_exports(out, &view->in->module);
    add_imports(out, &view->in->module);
    buf_add_text(out, "</section>\n");
}
