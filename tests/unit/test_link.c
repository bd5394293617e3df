#include "unit.h"

#include "http/link.h"
#include "registry/names.h"
#include "registry/response.h"

static void finds_the_next_page(void **state)
{
    (void)state;
    static const struct {
        const char *field, *next;
    } cases[] = {
        {"</v2/_catalog?last=a%2Fb&n=2>; rel=\"next\"", "/v2/_catalog?last=a%2Fb&n=2"},
        {"</a?page=1>; rel=\"prev\" , </a?page=3>; rel=\"next\"", "/a?page=3"},
        {"<https://h.x/a>;rel=next", "https://h.x/a"},
        {"<x>; REL=Next", "x"},
        {"<x> ; title=\"a, \\\"b\\\"; rel=next\" ; rel=\"last next\"", "x"},
        {",, <x>;;rel=next;,", "x"},
        {"<>; rel=next", ""},
        {"<x>; rel = \"next\"; title*=UTF-8'en'a", "x"},
        {"<a>; rel=next, <b>; rel=next", "a"},
        {"", NULL},
        {"<x>", NULL},
        {"<x>; rel", NULL},
        {"<x>; rel=nexte", NULL},
        {"<x>; rel=\"prev\"; rel=\"next\"", NULL}, /* the first one counts */
        {"<x>; rel=next; anchor=\"/other\"", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO_FREE char *next = NULL;
        assert_ok(link_next(cases[i].field, &next, &err), &err);
        if (cases[i].next)
            assert_string_equal(next ? next : "(none)", cases[i].next);
        else if (next)
            fail_msg("%s: %s", cases[i].field, next);
    }
}

static void refuses_what_is_malformed(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "/v2/_catalog; rel=next",       /* no < */
        "<x; rel=next",                 /* no > */
        "<a b>; rel=next",              /* a space */
        "<a\001>; rel=next",            /* a control character */
        "<a\303\266>; rel=next",        /* not ASCII */
        "<a>; rel=\"next",              /* no end */
        "<a>; rel=\"next\\",            /* likewise */
        "<a>; rel=\"\002\"",            /* a control character */
        "<a>; rel=",                    /* no value */
        "<a>; =next",                   /* no name */
        "<a> rel=next",                 /* no semicolon */
        "<a>; rel=next <b>",            /* no comma */
        "<a>; rel=next, b; rel=\"up\"", /* wrong behind the link that is wanted */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO_FREE char *next = NULL;
        if (link_next(cases[i], &next, &err) != ERR_DAMAGED || next)
            fail_msg("taken: %s", cases[i]);
        assert_contains(err_text(&err), "malformed at byte");
    }
}

static void bounds_a_field(void **state)
{
    (void)state;
    char many[LINKS_MAX * 4 + 8] = "";
    AUTO_FREE char *next = NULL;
    for (int i = 0; i < LINKS_MAX; i++)
        memcpy(many + i * 4, "<x>,", 5);
    assert_int_equal(link_next(many, &next, ERR_IGNORED), 0);
    memcpy(many + LINKS_MAX * 4, "<x>", 4);
    assert_int_equal(link_next(many, &next, ERR_IGNORED), ERR_DAMAGED);
}

static void take_line(struct response *response, const char *line)
{
    assert_true(response_take_head(response, line, strlen(line)));
}

static void joins_link_fields(void **state)
{
    (void)state;
    struct response response = {0};
    take_line(&response, "HTTP/1.1 200 OK\r\n");
    take_line(&response, "Link: </a>; rel=prev\r\n");
    take_line(&response, "link:</b>; rel=next\r\n");
    take_line(&response, "X-Total-Count: 7\r\n");
    assert_string_equal(response.link, "</a>; rel=prev, </b>; rel=next");
    assert_string_equal(response.total_count, "7");
    take_line(&response, "HTTP/1.1 200 OK\r\n");
    assert_null(response.link);
    response_release(&response);
}

static void knows_names(void **state)
{
    (void)state;
    static const char *const repositories[] = {"a", "a/b", "a.b/c__d", "x-y/z"};
    static const char *const none[] = {"",   "A",    "a b",  "a:b",     "a@b",  "/a",
                                       "a/", "../a", "a//b", "\033[2J", "a\nb", "a/b:latest"};
    for (size_t i = 0; i < COUNT(repositories); i++)
        assert_true(name_fits(NAME_REPOSITORY, repositories[i]));
    for (size_t i = 0; i < COUNT(none); i++)
        if (name_fits(NAME_REPOSITORY, none[i]))
            fail_msg("taken: %s", none[i]);
    assert_true(name_fits(NAME_TAG, "v1.0-rc_2"));
    assert_true(name_fits(NAME_TAG, "Latest"));
    assert_false(name_fits(NAME_TAG, ""));
    assert_false(name_fits(NAME_TAG, "a/b"));
    assert_false(name_fits(NAME_TAG, "v1@sha256"));
    assert_false(name_fits(NAME_TAG, ".v1"));
}

static void sorts_names_once(void **state)
{
    (void)state;
    AUTO(registry_names_release) struct registry_names names = {0};
    struct name_list list = {.kind = NAME_TAG};
    static const char *const given[] = {"v2", "v1", "v2", "no\tname", "a"};
    for (size_t i = 0; i < COUNT(given); i++)
        name_list_add(&list, given[i]);
    name_list_add(&list, NULL);
    assert_int_equal(list.refused, 2);
    name_list_finish(&list, &names);
    assert_int_equal(names.count, 3);
    assert_string_equal(names.items[0], "a");
    assert_string_equal(names.items[1], "v1");
    assert_string_equal(names.items[2], "v2");
    name_list_release(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_next_page), cmocka_unit_test(refuses_what_is_malformed),
        cmocka_unit_test(bounds_a_field),      cmocka_unit_test(joins_link_fields),
        cmocka_unit_test(knows_names),         cmocka_unit_test(sorts_names_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
