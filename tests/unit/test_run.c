/* wasme run: Envoy's log and version, requests in words, expectations. */
#include "unit.h"

#include "base/json.h"
#include "cmd/filter_words.h"
#include "cmd/run/check_words.h"
#include "cmd/run/envoy_log.h"
#include "cmd/run/find.h"
#include "cmd/run/suite_part.h"
#include "cmd/run/talk.h"

/* --- Names --- */

static void makes_names_of_filters(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"my_filter", "my-filter"},
        {"Filter.V1", "filter-v1"},
        {"--a__b--", "a-b"},
        {"", "filter"},
        {"\xc3\xa9", "filter"},
        {"9", "9"},
        {"localhost:5000/base/Add_Header:v1", "add-header"},
        {"store:add-header:v1", "add-header"},
        {"a.example/b@sha256:00", "b"},
        {"./out.wasm/my_filter.wasm", "my-filter"},
        {".wasm", "wasm"},
    };
    for (size_t i = 0; i < COUNT(names); i++) {
        AUTO_FREE char *name = filter_name(names[i][0]);
        assert_string_equal(name, names[i][1]);
    }
    /* A long text ends where a label of Kubernetes has to, and never with "-". */
    char text[101];
    memset(text, 'a', sizeof(text) - 1);
    text[62] = '_';
    text[100] = '\0';
    AUTO_FREE char *name = filter_name(text);
    assert_int_equal(strlen(name), 62);
    assert_int_equal(strspn(name, "a"), 62);
}

/* --- Envoy's log --- */

/* The records that came, each as "LEVEL component[filter]text;". */
static void keep_record(void *arg, const struct envoy_record *record)
{
    struct buf *out = arg;
    buf_printf(out, "%s %s[%s]%s;", envoy_level_listed(record->level), record->component,
               record->filter ? record->filter : "-", record->text);
}

static void assert_records(const char *const *pieces, const char *records)
{
    AUTO(buf_release) struct buf out = BUF_INIT(4096);
    struct envoy_log log;
    envoy_log_init(&log, keep_record, &out);
    for (; *pieces; pieces++) {
        envoy_log_add(&log, *pieces, strlen(*pieces));
        envoy_log_pause(&log);
    }
    envoy_log_end(&log);
    envoy_log_release(&log);
    assert_string_equal(buf_text(&out), records);
}

#define RECORDS(records, ...) assert_records((const char *const[]){__VA_ARGS__, NULL}, records)

static void a_log_is_cut_into_records(void **state)
{
    (void)state;
    RECORDS("info wasm[name root id]text: more;",
            "\x1eI\x1fwasm\x1fwasm log name root id: text: more\n");
    RECORDS("info wasm[]text;", "\x1eI\x1fwasm\x1fwasm log: text\n");
    RECORDS("warning wasm[n]a\nb;error main[-]c;", "\x1eW\x1fwasm\x1fwasm log n: a\nb\n\x1e"
                                                   "E\x1fmain\x1f"
                                                   "c\n");
    RECORDS("critical main[-]wasm log n: a;", "\x1e", "C\x1fma", "in\x1fwasm log n: a");
    RECORDS("info [-]PARSE ERROR: Argument;info [-]  more;", "PARSE ERROR: Argument\n", "  more\n");
    RECORDS("trace wasm[-][host->vm] proxy_on_tick(1);",
            "\x1eT\x1fwasm\x1f[host->vm] proxy_on_tick(1)\n");
    RECORDS("info [-]\x1eX\x1fwasm\x1f"
            "a;",
            "\x1eX\x1fwasm\x1f"
            "a\n");
}

static void a_long_record_is_cut(void **state)
{
    (void)state;
    AUTO(buf_release) struct buf out = BUF_INIT(2 * ENVOY_RECORD_MAX);
    struct envoy_log log;
    char piece[1000];
    memset(piece, 'a', sizeof(piece));
    envoy_log_init(&log, keep_record, &out);
    for (int i = 0; i < 200; i++)
        envoy_log_add(&log, piece, sizeof(piece));
    envoy_log_end(&log);
    envoy_log_release(&log);
    assert_true(out.len < ENVOY_RECORD_MAX + 100);
}

/* The words of Envoy 1.38.3 as PyPI has it, and of 1.40.0. */
static void an_envoy_without_v8_is_known(void **state)
{
    (void)state;
    const struct envoy_record lacks = {
        .text = "Failed to create Wasm VM using envoy.wasm.runtime.v8 runtime. Envoy was compiled "
                "without support for it"};
    const struct envoy_record other = {.text = "Wasm VM failed Failed to load Wasm code"};
    assert_true(envoy_record_lacks_v8(&lacks));
    assert_false(envoy_record_lacks_v8(&other));
}

static void kept_lines_have_a_bound(void **state)
{
    (void)state;
    AUTO_FREE char *text = mem_zero(ENVOY_RECORD_MAX, 1);
    memset(text, 'a', ENVOY_RECORD_MAX - 1);
    struct talk talk = {.level = ENVOY_OFF, .keeps = true};
    const struct envoy_record record = {.level = ENVOY_INFO, .filter = "", .text = text};
    for (int i = 0; i < 2000; i++)
        talk_take(&talk, &record);
    assert_int_equal(talk.lines.count, TALK_BYTES_MAX / (ENVOY_RECORD_MAX - 1));
    talk_forget(&talk);
    talk_take(&talk, &record);
    assert_int_equal(talk.lines.count, 1);
    talk_release(&talk);
}

/* --- Versions --- */

static void versions_are_read(void **state)
{
    (void)state;
    AUTO(envoy_program_release) struct envoy_program program = {0};
    assert_true(find_read_version("\nenvoy  version: 9e558093/1.40.0/Clean/RELEASE/BoringSSL\n\n",
                                  &program));
    assert_string_equal(program.version, "1.40.0");
    assert_int_equal(program.line, 140);
    assert_true(find_read_version("envoy version: a/1.41.0-dev/Modified/DEBUG/x", &program));
    assert_string_equal(program.version, "1.41.0");
    assert_false(find_read_version("Python 3.11", &program));
    assert_false(find_read_version("version: x", &program));
    static const char *const bad[] = {"", "1", "x", "1.", "1.x", "1..2", "0.1", "1.100", "1.2-3"};
    int line = 0;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(find_read_line(bad[i], &line));
    assert_true(find_read_line("v1.36.2", &line));
    assert_int_equal(line, 136);
    const struct envoy_program has = {.path = (char[]){"envoy"}, .version = (char[]){"1.36.2"}};
    assert_int_equal(find_check_version(&has, NULL, ERR_IGNORED), 0);
    assert_int_equal(find_check_version(&has, "1.36", ERR_IGNORED), 0);
    assert_int_equal(find_check_version(&has, "v1.36.2", ERR_IGNORED), 0);
    assert_int_equal(find_check_version(&has, "1.3", ERR_IGNORED), ERR_NOT_FOUND);
    assert_int_equal(find_check_version(&has, "1.36.20", ERR_IGNORED), ERR_NOT_FOUND);
}

/* --- Requests in words --- */

static void assert_request(const char *words, const char *request)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(trial_release) struct trial trial;
    AUTO(buf_release) struct buf out = BUF_INIT(4096);
    trial_init(&trial);
    assert_ok(check_words_read(words, &trial, &err), &err);
    buf_printf(&out, "%s %s %s", trial.method, trial.target,
               trial.authority ? trial.authority : "-");
    for (size_t i = 0; i < trial.fields.count; i++)
        buf_printf(&out, "|%s", trial.fields.items[i]);
    buf_printf(&out, "|%s", buf_text(&trial.body));
    assert_string_equal(buf_text(&out), request);
}

#define FORM "content-type: application/x-www-form-urlencoded"

static void requests_are_read(void **state)
{
    (void)state;
    assert_request("/", "GET / -|");
    assert_request("DELETE /a?b=c", "DELETE /a?b=c -|");
    assert_request("curl -i -X PUT http://h:1/a#f -H 'a: b' -H \"c: \\\"d\\\"\"",
                   "PUT /a h:1|a: b|c: \"d\"|");
    assert_request("https://h?x", "GET /?x h|");
    assert_request("HTTP://h", "GET / h|");
    assert_request("/ -d 'a b'\\ c", "POST / -|" FORM "|a b c");
    assert_request("-X PATCH / --data-raw @x", "PATCH / -|" FORM "|@x");
    assert_request("-I /", "HEAD / -|");
    assert_request("-XPUT '-HA: b' -da=1 -d b=2 / -H 'Content-Type: x'",
                   "PUT / -|A: b|Content-Type: x|a=1&b=2");
    assert_request("-X GET --url /a#b \\\n-d \"\\\"\\n\"", "GET /a -|" FORM "|\"\\n");
    assert_request("/a -H 'a: \tb'\t-d \f", "POST /a -|a: \tb|" FORM "|\f");
    assert_request("/?u=http://x", "GET /?u=http://x -|");
    static const char *const bad[] = {"",         "curl",           "a",
                                      "-H",       "/ -H a",         "-k /",
                                      "/ -H 'a",  "/ -u a:b",       "ftp://a/b",
                                      "/a /b",    "'/a b'",         "-X 'A /' /",
                                      "-X '' /",  "http://",        "http://a:b@c/d",
                                      "a?://b",   "/ -H ': a'",     "/ -H 'a b: c'",
                                      "'/\n'",    "'http://a b/'",  "-X",
                                      "/ -H 'a'", "/ -H 'a: \x01'", "/ -H 'a: b\r\nc: d'"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        AUTO(trial_release) struct trial trial;
        trial_init(&trial);
        assert_int_equal(check_words_read(bad[i], &trial, ERR_IGNORED), ERR_USAGE);
    }
}

/* --- Expectations --- */

static bool regex_matches(const char *regex, const char *text)
{
    AUTO(trial_release) struct trial trial;
    AUTO(err_release) struct err err = ERR_INIT;
    trial_init(&trial);
    assert_ok(trial_expect(&trial, TRIAL_RESPONSE_BODY, TRIAL_MATCHES, false, NULL, regex, &err),
              &err);
    struct trial_facts facts = {.response_body = BUF_INIT(100)};
    buf_add_text(&facts.response_body, text);
    bool met = trial_is_met(&trial.expected[0], &facts);
    trial_facts_release(&facts);
    return met;
}

static void bytes_behind_a_nul_count(void **state)
{
    (void)state;
    AUTO(trial_release) struct trial trial;
    struct trial_facts facts = {.response_body = BUF_INIT(100)};
    AUTO(buf_release) struct buf same = BUF_INIT(100);
    trial_init(&trial);
    buf_add(&facts.response_body, "a\0b", 3);
    buf_add(&same, "a\0c", 3);
    trial_expect_bytes(&trial, TRIAL_RESPONSE_BODY, TRIAL_CONTAINS, false, &same);
    assert_false(trial_is_met(&trial.expected[0], &facts));
    same.data[2] = 'b';
    trial_expect_bytes(&trial, TRIAL_RESPONSE_BODY, TRIAL_EQUALS, false, &same);
    assert_true(trial_is_met(&trial.expected[1], &facts));
    trial_facts_release(&facts);
}

static void expressions_match_the_whole(void **state)
{
    (void)state;
    assert_true(regex_matches("a|bc", "bc"));
    assert_false(regex_matches("a|bc", "abc"));
    assert_true(regex_matches("\\d+(?:-[\\d]+)?", "12-3"));
    assert_false(regex_matches("\\D+", "a1"));
    assert_true(regex_matches("a.b", "a\nb"));
    assert_true(regex_matches("(?i)a", "A"));
    assert_false(regex_matches("a$", "a\n"));
    assert_true(regex_matches("a.b", "a\xc3\xa9"
                                     "b"));
    assert_false(regex_matches("a.*b", "a\xff"
                                       "b"));
    assert_true(regex_matches("a\\x{e9}b", "a\xc3\xa9"
                                           "b"));
    assert_true(regex_matches("\\[x\\]", "[x]"));
    assert_false(regex_matches("[^\\d]", "1"));
    assert_true(regex_matches("[\\w.]+", "a.b_9"));
    assert_false(regex_matches("[^\\s]+", "a b"));
    assert_true(regex_matches("[^\\s]+", "s\\"));
    assert_true(regex_matches("[\\]\\-\\^\\[:a]+", "]-^[:a"));
    assert_true(regex_matches("[\\^][\\^\\-]-[]-][a-]", "^--]-"));
    assert_false(regex_matches("[^\\^]", "^"));
    assert_true(regex_matches("[[:upper:]\\d[]+", "A1["));
    assert_true(regex_matches("a\\nb\\tc", "a\nb\tc"));
    assert_true(regex_matches("\\<a\\>\\'", "<a>'"));
    assert_true(regex_matches("{\"a\": {\"b\": \\d{1,3}}}", "{\"a\": {\"b\": 42}}"));
    assert_true(
        regex_matches("([0-9a-f]{8}-){4}?[a-z]{0,1000}", "01234567-89abcdef-01234567-89abcdef-"));
    AUTO(trial_release) struct trial trial;
    trial_init(&trial);
    static const char *const bad[] = {"(",      "a{2,1}", "[a",    "[]",         "a\\", "[\\",
                                      "(a)\\2", "a**+*",  "a\\Cb", "[[:none:]]", "\xff"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(
            trial_expect(&trial, TRIAL_LOG, TRIAL_MATCHES, false, NULL, bad[i], ERR_IGNORED),
            ERR_USAGE);
}

static void an_expression_that_takes_too_long_is_not_met(void **state)
{
    (void)state;
    AUTO(trial_release) struct trial trial;
    struct trial_facts facts = {.response_body = BUF_INIT(100)};
    trial_init(&trial);
    buf_add_text(&facts.response_body, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
    for (int invert = 0; invert < 2; invert++) {
        assert_int_equal(trial_expect(&trial, TRIAL_RESPONSE_BODY, TRIAL_MATCHES, invert, NULL,
                                      "(a+)+c?", ERR_IGNORED),
                         0);
        assert_false(trial_is_met(&trial.expected[invert], &facts));
        AUTO_FREE char *complaint = trial_complaint(&trial.expected[invert], &facts);
        assert_non_null(strstr(complaint, "too much time or memory"));
    }
    trial_facts_release(&facts);
}

static void a_large_body_is_compared(void **state)
{
    (void)state;
    enum { HALF = UPSTREAM_BODY_MAX / 2 };
    AUTO(trial_release) struct trial trial;
    struct trial_facts facts = {.response_body = BUF_INIT(UPSTREAM_BODY_MAX + 10)};
    AUTO_FREE char *half = mem_zero(HALF + 1, 1);
    memset(half, 'a', HALF);
    buf_printf(&facts.response_body, "%s needle %s", half, half);
    trial_init(&trial);
    assert_int_equal(trial_expect(&trial, TRIAL_RESPONSE_BODY, TRIAL_MATCHES, false, NULL,
                                  ".*needle.*", ERR_IGNORED),
                     0);
    assert_true(trial_is_met(&trial.expected[0], &facts));
    trial_facts_release(&facts);
}

/* Few steps, each of which passes over the rest of the text. */
static void a_match_has_a_time(void **state)
{
    (void)state;
    enum { LENGTH = 200 * 1024 };
    AUTO(trial_release) struct trial trial;
    struct trial_facts facts = {.response_body = BUF_INIT(LENGTH)};
    for (int i = 0; i < LENGTH; i++)
        buf_add_char(&facts.response_body, 'a');
    trial_init(&trial);
    assert_int_equal(trial_expect(&trial, TRIAL_RESPONSE_BODY, TRIAL_MATCHES, false, NULL,
                                  "(?:a*+b|a)*", ERR_IGNORED),
                     0);
    assert_false(trial_is_met(&trial.expected[0], &facts));
    trial_facts_release(&facts);
}

static void names_have_two_spellings(void **state)
{
    (void)state;
    assert_true(suite_is_name("request_headers", "request_headers"));
    assert_true(suite_is_name("requestHeaders", "request_headers"));
    assert_true(suite_is_name("log", "log"));
    assert_false(suite_is_name("requestheaders", "request_headers"));
    assert_false(suite_is_name("request_header", "request_headers"));
    assert_false(suite_is_name("request_headers_", "request_headers"));
    assert_false(suite_is_name("", "log"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_names_of_filters),
        cmocka_unit_test(a_log_is_cut_into_records),
        cmocka_unit_test(a_long_record_is_cut),
        cmocka_unit_test(an_envoy_without_v8_is_known),
        cmocka_unit_test(kept_lines_have_a_bound),
        cmocka_unit_test(versions_are_read),
        cmocka_unit_test(requests_are_read),
        cmocka_unit_test(expressions_match_the_whole),
        cmocka_unit_test(bytes_behind_a_nul_count),
        cmocka_unit_test(an_expression_that_takes_too_long_is_not_met),
        cmocka_unit_test(a_large_body_is_compared),
        cmocka_unit_test(a_match_has_a_time),
        cmocka_unit_test(names_have_two_spellings),
    };
    return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
