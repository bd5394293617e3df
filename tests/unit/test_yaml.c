/* YAML: what is written means the same to readers of YAML 1.1 and 1.2. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/yaml.h"

static void assert_yaml(const char *json, const char *yaml)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    AUTO(buf_release) struct buf out = BUF_INIT(4096);
    assert_int_equal(json_doc_parse(json, strlen(json), &doc, &err), 0);
    assert_int_equal(yaml_write(doc, &out, &err), 0);
    assert_string_equal(buf_text(&out), yaml);
}

static void quotes_what_is_no_text_elsewhere(void **state)
{
    (void)state;
    static const char *const quoted[] = {
        "y",   "No",   "on",   "OFF",  "true",       "Null", "~",   "",     "1",    "-1", "+1",
        ".5",  "1e3",  "0x1f", "1:30", "2026-11-29", "<<",   "=",   "*",    "&a",   "!x", "@x",
        "- a", "a: b", "a #b", "a ",   " a",         "a:",   "{a}", "[a]",  "'",    "%",  "? a",
        "| a", "> a",  "`",    ".inf", ".nan",       "---",  "-",   "a, b", "it's",
    };
    static const char *const plain[] = {
        "a",        "shop/cart",   "oci://harbor.example:443/base/filter:v1",
        "x-header", "/srv/f.wasm", "FAIL_OPEN",
        "_rules_",  "a.b.c/v1",    "a:b",
    };
    for (size_t i = 0; i < COUNT(quoted); i++) {
        AUTO_FREE char *json = mem_printf("\"%s\"", quoted[i]);
        bool inner = strchr(quoted[i], '\'');
        AUTO_FREE char *yaml = inner && quoted[i][0] == '\'' ? mem_dup("''''\n")
                               : inner                       ? mem_dup("'it''s'\n")
                                                             : mem_printf("'%s'\n", quoted[i]);
        assert_yaml(json, yaml);
    }
    for (size_t i = 0; i < COUNT(plain); i++) {
        AUTO_FREE char *json = mem_printf("\"%s\"", plain[i]);
        AUTO_FREE char *yaml = mem_printf("%s\n", plain[i]);
        assert_yaml(json, yaml);
    }
}

static void writes_values(void **state)
{
    (void)state;
    assert_yaml("{\"b\":[1,-2,0.1,1e300,100.0,true,false,null],\"a\":{},\"c\":[],\"d\":[{\"e\":1,"
                "\"f\":[2]}]}",
                "b:\n- 1\n- -2\n- 0.1\n- 1.0e+300\n- 100.0\n- true\n- false\n- null\na: {}\nc: []\n"
                "d:\n- e: 1\n  f:\n  - 2\n");
    assert_yaml("{\"1\":\"\\u00e9\\n\\t\\u0001\\\"\"}", "'1': \"é\\n\\t\\x01\\\"\"\n");
    assert_yaml("[\"\\u0085N\", \"\\\\N\", \"\\\\\\u0085\"]",
                "- \"\\x85N\"\n- \"\\\\N\"\n- \"\\\\\\x85\"\n");
    assert_yaml("9223372036854775807", "9223372036854775807\n");
    assert_yaml("0.30000000000000004", "0.30000000000000004\n");
}

/* A long text stays in one line. */
static void folds_nothing(void **state)
{
    (void)state;
    char json[1003], yaml[1004];
    memset(json, 'a', sizeof(json));
    for (size_t i = 10; i < 990; i += 10)
        json[i] = ' ';
    memcpy(yaml, json, sizeof(json));
    json[0] = json[1001] = '"';
    json[1002] = '\0';
    yaml[0] = yaml[1001] = '\'';
    yaml[1002] = '\n';
    yaml[1003] = '\0';
    assert_yaml(json, yaml);
}

/* --- Reading --- */

static void assert_read(const char *yaml, const char *json)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    AUTO(json_doc_free_at) struct json_t *same = NULL;
    AUTO(buf_release) struct buf got = BUF_INIT(4096);
    AUTO(buf_release) struct buf expected = BUF_INIT(4096);
    assert_ok(yaml_read(yaml, strlen(yaml), &doc, &err), &err);
    assert_ok(json_doc_parse(json, strlen(json), &same, &err), &err);
    json_dump(doc, &got);
    json_dump(same, &expected);
    assert_string_equal(buf_text(&got), buf_text(&expected));
}

static void reads_values_as_texts(void **state)
{
    (void)state;
    assert_read("a: 403\nb: [true, null, ~, '']\nc: {d: \"x\\n\", e: 0x1f}\n",
                "{\"a\":\"403\",\"b\":[\"true\",\"null\",\"~\",\"\"],"
                "\"c\":{\"d\":\"x\\n\",\"e\":\"0x1f\"}}");
    assert_read("{\"a\": [1, {\"b\": \"c\"}], \"d\": -1.5e3}",
                "{\"a\":[\"1\",{\"b\":\"c\"}],\"d\":\"-1.5e3\"}");
    assert_read("---\na: |\n  one\n  two\n...\n", "{\"a\":\"one\\ntwo\\n\"}");
    assert_read("a:\n- &x b\n", "{\"a\":[\"b\"]}");
    assert_read("a:\n", "{\"a\":\"\"}");
}

static void assert_unreadable(const char *yaml, const char *why)
{
    AUTO(err_release) struct err err = ERR_INIT;
    struct json_t *doc = NULL;
    assert_int_equal(yaml_read(yaml, strlen(yaml), &doc, &err), ERR_DAMAGED);
    assert_null(doc);
    assert_contains(err_text(&err), why);
}

static void tells_the_line_of_a_fault(void **state)
{
    (void)state;
    AUTO(buf_release) struct buf deep = BUF_INIT(4096);
    assert_unreadable("", "it is empty");
    assert_unreadable("a: b\nc: [\n", "line 3");
    assert_unreadable("a: 1\nb: 2\na: 3\n", "the key \"a\" is there twice");
    assert_unreadable("a: &x 1\nb: *x\n", "line 2: an alias");
    assert_unreadable("? [a]\n: b\n", "is no text");
    assert_unreadable("a: 1\n---\nb: 2\n", "line 2: there is a second document");
    assert_unreadable("a: \"x\\0y\"\n", "has a NUL");
    assert_unreadable("a: \xff\n", "line 1");
    for (int i = 0; i < 1000; i++)
        buf_add_char(&deep, '[');
    assert_unreadable(buf_text(&deep), "nested too deeply");
}

static void reads_surrogates_of_json(void **state)
{
    (void)state;
    static const char json[] = "{\"a\": \"\\ud83d\\uDE00 \\\\ud83d\\u00e9\"}";
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    AUTO(json_doc_free_at) struct json_t *other = NULL;
    assert_ok(yaml_read(json, strlen(json), &doc, &err), &err);
    assert_string_equal(json_member_text(doc, "a"), "😀 \\ud83dé");
    static const char *const bad[] = {"\"\\ud83d\"", "'a' \"\\ud83d\\ude00\"",
                                      "[\"\\ude00\\ud83d\"]"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(yaml_read(bad[i], strlen(bad[i]), &other, ERR_IGNORED), ERR_DAMAGED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_what_is_no_text_elsewhere),
        cmocka_unit_test(writes_values),
        cmocka_unit_test(folds_nothing),
        cmocka_unit_test(reads_values_as_texts),
        cmocka_unit_test(tells_the_line_of_a_fault),
        cmocka_unit_test(reads_surrogates_of_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
