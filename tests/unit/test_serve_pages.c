/* The pieces of the pages of `wasme serve`: escaping, queries, addresses, names. */
#include "unit.h"

#include <stdio.h>

#include "cmd/serve/assets.h"
#include "cmd/serve/filter_page.h"
#include "cmd/serve/html.h"
#include "cmd/serve/plugin.h"
#include "cmd/serve/query.h"

static void expect_text(const char *text, const char *wanted)
{
    struct buf out = BUF_INIT(4096);
    html_text(&out, text);
    assert_string_equal(buf_text(&out), wanted);
    buf_release(&out);
}

static void escaped(void **state)
{
    (void)state;
    expect_text("plain: text/1.0_a-b", "plain: text/1.0_a-b");
    expect_text("<a href=\"x\" on='y'>&amp;",
                "&lt;a href=&quot;x&quot; on=&#39;y&#39;&gt;&amp;amp;");
    expect_text("a\nb\tc", "a\nb\tc");
    expect_text("\x1b[31m\x7f\r", "\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbd");
    expect_text("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
    expect_text("\xff<\xc3", "\xef\xbf\xbd&lt;\xef\xbf\xbd");
    /* U+202E turns the direction of writing; an overlong '<' is no character. */
    expect_text("a\xe2\x80\xae"
                "b",
                "a\xef\xbf\xbd"
                "b");
    expect_text("\xc0\xbc", "\xef\xbf\xbd\xef\xbf\xbd");
}

static void paths(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(4096);
    html_path(&out, "/a b/\"<>'&?#%\n/x:1@y");
    assert_string_equal(buf_text(&out), "/a%20b/%22%3C%3E%27%26%3F%23%25%0A/x:1@y");
    buf_release(&out);
}

static void expect_decoded(const char *query, const char *wanted)
{
    char *value = query_value(query, "q");
    if (wanted)
        assert_string_equal(value, wanted);
    else
        assert_null(value);
    free(value);
}

static void queries(void **state)
{
    (void)state;
    expect_decoded(NULL, NULL);
    expect_decoded("", NULL);
    expect_decoded("qq=1&x", NULL);
    expect_decoded("q", NULL);
    expect_decoded("q=", "");
    expect_decoded("a=1&q=two+words%21&q=x", "two words!");
    expect_decoded("q=%3Cscript%3e", "<script>");
    expect_decoded("q=100%&x", "100%");
    expect_decoded("q=%4", "%4");
    expect_decoded("q=a%00b", "a b");
}

static void searched(void **state)
{
    (void)state;
    struct server_request request = {.query = "q=+Filter++v1"};
    struct page_search search;
    page_search_read(&request, &search);
    assert_int_equal(search.count, 2);
    assert_true(page_search_finds(&search, (const char *[]){"harbor/FILTER", "V1.0", NULL}));
    assert_false(page_search_finds(&search, (const char *[]){"harbor/filter", "v2", NULL}));
    page_search_release(&search);
    request.query = "q=++";
    page_search_read(&request, &search);
    assert_null(search.text);
    assert_true(page_search_finds(&search, (const char *[]){"any", NULL}));
    page_search_release(&search);
    request.query = "q=a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+zz";
    page_search_read(&request, &search);
    assert_int_equal(search.count, SEARCH_WORDS_MAX);
    page_search_release(&search);
}

static void preferences(void **state)
{
    (void)state;
    static const char *const json[] = {"application/json",
                                       "text/plain, Application/JSON;q=0.2",
                                       "text/html;q=0.5, application/json",
                                       "application/json;q=1e300",
                                       "application/json;q=inf",
                                       NULL};
    static const char *const page[] = {"",
                                       "*/*",
                                       "text/html,application/json;q=0.9",
                                       "application/json;q=0",
                                       "application/json;q=nan",
                                       "application/json;q=-1e300, text/html;q=0",
                                       "application/jsonx",
                                       NULL};
    for (size_t i = 0; json[i]; i++)
        assert_true(query_wants_json(json[i]));
    for (size_t i = 0; page[i]; i++)
        assert_false(query_wants_json(page[i]));
    assert_false(query_wants_json(NULL));
}

static void hosts(void **state)
{
    (void)state;
    static const char *const good[] = {"localhost", "10.0.0.7:8080", "a-b.example:1",
                                       "[::1]",     "[::1]:65535",   NULL};
    static const char *const bad[] = {
        "",   ":80",  "a b",    "a\"b", "a/b",  "a:",       "a:65536",  "a:1x",
        "[]", "[::1", "[::1]x", "a@b",  "a%41", "a:123456", "\xc3\xbc", NULL};
    for (size_t i = 0; good[i]; i++)
        assert_true(self_host_valid(good[i]));
    for (size_t i = 0; bad[i]; i++)
        assert_false(self_host_valid(bad[i]));
    char *large = mem_zero(1, 400);
    memset(large, 'a', 300);
    assert_false(self_host_valid(large));
    free(large);
}

static void addresses(void **state)
{
    (void)state;
    const struct site site = {.port = 8080};
    struct server_request request = {.host = "evil\"host"};
    struct self self;
    struct buf text = BUF_INIT(4096);
    self_of(&site, &request, &self);
    self_url(&self, "/a b", &text);
    assert_string_equal(buf_text(&text), "http://localhost:8080/a%20b");
    request.host = "[::1]:81";
    self_of(&site, &request, &self);
    buf_clear(&text);
    assert_int_equal(self_parts(&self, &text), 81);
    assert_string_equal(buf_text(&text), "::1");
    buf_release(&text);
}

static void labels(void **state)
{
    (void)state;
    static const struct {
        const char *title, *wanted;
    } cases[] = {
        {"harbor.example:8080/base/filter:v1", "filter"},
        {"Add_Header.wasm", "add-header"},
        {"a/--x--y--@sha256:1", "x-y"},
        {"...", "filter"},
        {"", "filter"},
    };
    char label[64];
    for (size_t i = 0; i < COUNT(cases); i++) {
        filter_label(cases[i].title, label);
        assert_string_equal(label, cases[i].wanted);
    }
    char large[200] = "";
    memset(large, 'a', sizeof(large) - 1);
    filter_label(large, label);
    assert_int_equal(strlen(label), 63);
}

static void plugin_paths(void **state)
{
    (void)state;
    static const char *const bad[] = {"/",
                                      "/plugins/",
                                      "/plugins/plugin.wasm",
                                      "/plugins/a/plugin.wasm",
                                      "/plugins//1/plugin.wasm",
                                      "/plugins/a//plugin.wasm",
                                      "/plugins/a/1/other",
                                      "/plugin/a/1/plugin.wasm",
                                      NULL};
    struct plugin_path path;
    for (size_t i = 0; bad[i]; i++) {
        assert_false(plugin_path_parse(bad[i], &path));
        plugin_path_release(&path);
    }
    assert_true(plugin_path_parse("/plugins/a.example/b/c/1.0/metadata.txt", &path));
    assert_string_equal(path.name, "a.example/b/c");
    assert_string_equal(path.version, "1.0");
    assert_true(path.metadata);
    plugin_path_release(&path);
}

static const struct catalogue_item *find(const struct catalogue *catalogue, const char *name,
                                         bool *several)
{
    char copy[64];
    snprintf(copy, sizeof(copy), "%s", name);
    char tag[] = "v1";
    struct plugin_path path = {.name = copy, .version = tag};
    return plugin_find(catalogue, &path, several, NULL);
}

static void plugins(void **state)
{
    (void)state;
    static const char *const refs[] = {"h.example/a/x:v1", "h.example/b/x:v1", "x:v1",
                                       "h.example/c/y:v1", "h.example/c/y:v2"};
    struct catalogue catalogue = {.count = COUNT(refs)};
    struct catalogue_item items[COUNT(refs)] = {{0}};
    catalogue.items = items;
    for (size_t i = 0; i < COUNT(refs); i++)
        rows_add(&catalogue.rows, refs[i]);
    for (size_t i = 0; i < COUNT(refs); i++)
        items[i].row = &catalogue.rows.items[i];
    bool several;
    assert_ptr_equal(find(&catalogue, "y", &several), &items[3]);
    assert_ptr_equal(find(&catalogue, "c/y", &several), &items[3]);
    assert_ptr_equal(find(&catalogue, "h.example/b/x", &several), &items[1]);
    assert_ptr_equal(find(&catalogue, "b/x", &several), &items[1]);
    /* A name that is the whole one of an image is better than the last part of others. */
    assert_ptr_equal(find(&catalogue, "x", &several), &items[2]);
    assert_false(several);
    assert_null(find(&catalogue, "z", &several));
    assert_false(several);
    catalogue.count = 2;
    assert_null(find(&catalogue, "x", &several));
    assert_true(several);
    rows_release(&catalogue.rows);
}

/* The end of an element within the script or the style would end the element in the page. */
static void assets(void **state)
{
    (void)state;
    assert_null(strstr(assets_script(), "</"));
    assert_null(strstr(assets_style(), "</"));
    assert_null(strstr(assets_script(), "<!--"));
    assert_contains(assets_policy(), "default-src 'none'; style-src 'sha256-");
    assert_null(strchr(assets_policy(), '\n'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escaped),   cmocka_unit_test(paths),       cmocka_unit_test(queries),
        cmocka_unit_test(searched),  cmocka_unit_test(preferences), cmocka_unit_test(hosts),
        cmocka_unit_test(addresses), cmocka_unit_test(labels),      cmocka_unit_test(plugin_paths),
        cmocka_unit_test(plugins),   cmocka_unit_test(assets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
