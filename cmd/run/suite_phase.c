#include "cmd/run/suite_phase.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/mem.h"

/* A phase of a test. */
struct phase {
    struct trial *trial;
    const char *folder;
    const char *name;
    bool response; /* it is of the response */
    bool body;
    bool log_only;          /* only log lines are expected of it */
    bool several;           /* bodies are given: each is a part */
    enum trial_place place; /* of what is expected, without "immediate" */
    bool immediate;
    struct err *err;
};

bool suite_is_name(const char *key, const char *name)
{
    for (; *name; name++) {
        bool hump = *name == '_';
        if (hump && *key == '_') {
            key++;
            continue;
        }
        name += hump;
        if (*key++ != (hump ? (char)toupper((unsigned char)*name) : *name))
            return false;
    }
    return !*key;
}

char *suite_path(const char *folder, const char *path)
{
    return *path == '/' ? mem_dup(path) : mem_printf("%s%s", folder, path);
}

static int unknown(const struct phase *phase, const char *within, const char *key)
{
    return err_set(phase->err, ERR_FAILED, "%s.%s.%s is not known", phase->name, within, key);
}

static bool is_true(const struct json_t *value)
{
    const char *text = json_text(value);
    return text && strcasecmp(text, "true") == 0;
}

static int read_file(const struct phase *phase, const char *path, struct buf *out)
{
    AUTO_FREE char *full = suite_path(phase->folder, path);
    int rc = file_read_named(full, out, phase->err);
    return rc ? err_wrap(phase->err, "%s", phase->name) : 0;
}

static void set(char **text, const char *value)
{
    char *copy = mem_dup(value);
    free(*text);
    *text = copy;
}

/* --- What goes in --- */

static int add_header(struct phase *phase, const char *key, const char *value)
{
    struct trial *trial = phase->trial;
    if (!*key || strpbrk(key, "\r\n ") || strpbrk(value, "\r\n"))
        return err_set(phase->err, ERR_FAILED, "%s.input: \"%.60s: %.60s\" is no header",
                       phase->name, key, value);
    if (phase->response && strcmp(key, ":status") == 0)
        trial->status = (int)strtol(value, NULL, 10);
    else if (strcmp(key, ":method") == 0)
        set(&trial->method, value);
    else if (strcmp(key, ":path") == 0)
        set(&trial->target, value);
    else if (strcmp(key, ":authority") == 0 || (!phase->response && !strcasecmp(key, "host")))
        set(&trial->authority, value);
    else if (strcmp(key, ":scheme") == 0)
        return 0; /* Envoy sets it */
    else
        texts_add(phase->response ? &trial->answer_fields : &trial->fields,
                  mem_printf("%s: %s", key, value));
    return 0;
}

static int add_headers(struct phase *phase, const struct json_t *list)
{
    for (size_t i = 0; i < json_arr_len(list); i++) {
        const struct json_t *one = json_arr_at(list, i);
        const char *key = json_member_text(one, "key"), *value = json_member_text(one, "value");
        if (!key)
            return err_set(phase->err, ERR_FAILED, "%s.input.header: a header has no key",
                           phase->name);
        int rc = add_header(phase, key, value ? value : "");
        if (rc)
            return rc;
    }
    return 0;
}

/* The first line of a request or response. */
static int take_first_line(struct phase *phase, char *line)
{
    char *save = NULL;
    const char *first = strtok_r(line, " ", &save);
    const char *second = strtok_r(NULL, " ", &save);
    if (!first || !second)
        return err_set(phase->err, ERR_FAILED,
                       "%s.input: the first line is to be as \"GET / HTTP/1.1\" or \"HTTP/1.1 200 "
                       "OK\"",
                       phase->name);
    if (phase->response)
        return add_header(phase, ":status", second);
    const char *host = strstr(second, "://");
    size_t len = host ? strcspn(host + 3, "/") : 0;
    if (host) {
        free(phase->trial->authority);
        phase->trial->authority = mem_dup_n(host + 3, len);
        second = host[3 + len] ? host + 3 + len : "/";
    }
    set(&phase->trial->method, first);
    set(&phase->trial->target, second);
    return 0;
}

/* Headers as text, "GET /a HTTP/1.1" and lines of fields. */
static int take_head(struct phase *phase, char *text)
{
    char *save = NULL;
    bool first = true;
    for (char *line = strtok_r(text, "\r\n", &save); line; line = strtok_r(NULL, "\r\n", &save)) {
        char *colon = strchr(line, ':');
        int rc = 0;
        if (first) {
            rc = take_first_line(phase, line);
        } else if (colon) {
            *colon = '\0';
            rc = add_header(phase, line, colon + 1 + strspn(colon + 1, " \t"));
        }
        if (rc)
            return rc;
        first = false;
    }
    return 0;
}

static int take_content(struct phase *phase, const char *text, size_t len)
{
    struct trial *trial = phase->trial;
    if (phase->body) {
        struct buf *body = phase->response ? &trial->answer_body : &trial->body;
        buf_add(body, text, len);
        return buf_overflowed(body)
                   ? err_set(phase->err, ERR_FAILED, "%s.input has more than %d bytes", phase->name,
                             UPSTREAM_BODY_MAX)
                   : 0;
    }
    AUTO_FREE char *copy = mem_dup_n(text, len);
    return take_head(phase, copy);
}

static int read_input(void *arg, const char *key, const struct json_t *value)
{
    struct phase *phase = arg;
    const char *text = json_text(value);
    if (phase->response)
        phase->trial->answers = true;
    if (strcmp(key, "header") == 0 && !phase->body)
        return add_headers(phase, value);
    if (strcmp(key, "content") == 0 && text)
        return take_content(phase, text, strlen(text));
    if (strcmp(key, "file") != 0 || !text)
        return unknown(phase, "input", key);
    AUTO(buf_release) struct buf content = BUF_INIT(UPSTREAM_BODY_MAX);
    int rc = read_file(phase, text, &content);
    return rc ? rc : take_content(phase, buf_text(&content), content.len);
}

/* --- What is expected --- */

static enum trial_place place_of(const struct phase *phase, bool body)
{
    if (phase->log_only)
        return phase->place;
    bool response = phase->response || phase->immediate;
    if (body)
        return response ? TRIAL_RESPONSE_BODY : TRIAL_REQUEST_BODY;
    return response ? TRIAL_RESPONSE : TRIAL_REQUEST;
}

static int expect_fields(struct phase *phase, const struct json_t *list, bool absent)
{
    for (size_t i = 0; i < json_arr_len(list); i++) {
        const struct json_t *one = json_arr_at(list, i);
        const char *key = json_member_text(one, "key"), *value = json_member_text(one, "value");
        if (!key)
            return err_set(phase->err, ERR_FAILED, "%s.result: a header has no key", phase->name);
        int rc = trial_expect(phase->trial, place_of(phase, false),
                              absent ? TRIAL_HAS : TRIAL_FIELD, absent, key,
                              absent  ? NULL
                              : value ? value
                                      : "",
                              phase->err);
        if (rc)
            return rc;
    }
    return 0;
}

/* One StringMatcher. A body that is one of several parts is looked for within the whole. */
static int expect_text(struct phase *phase, enum trial_place place, const struct json_t *one)
{
    const char *exact = json_member_text(one, "exact"), *regex = json_member_text(one, "regex");
    const char *contains = json_member_text(one, "contains"), *file = json_member_text(one, "file");
    bool invert = is_true(json_member(one, "invert"));
    bool part = phase->several && (place == TRIAL_REQUEST_BODY || place == TRIAL_RESPONSE_BODY);
    enum trial_match same = part ? TRIAL_CONTAINS : TRIAL_EQUALS;
    if (exact)
        return trial_expect(phase->trial, place, same, invert, NULL, exact, phase->err);
    if (regex)
        return trial_expect(phase->trial, place, TRIAL_MATCHES, invert, NULL, regex, phase->err);
    if (contains)
        return trial_expect(phase->trial, place, TRIAL_CONTAINS, invert, NULL, contains,
                            phase->err);
    if (!file)
        return err_set(phase->err, ERR_FAILED,
                       "%s.result: a matcher has none of exact, regex, contains and file",
                       phase->name);
    AUTO(buf_release) struct buf text = BUF_INIT(UPSTREAM_BODY_MAX);
    int rc = read_file(phase, file, &text);
    return rc ? rc
              : trial_expect(phase->trial, place, same, invert, NULL, buf_text(&text), phase->err);
}

static int expect_texts(struct phase *phase, enum trial_place place, const struct json_t *list)
{
    for (size_t i = 0; i < json_arr_len(list); i++) {
        int rc = expect_text(phase, place, json_arr_at(list, i));
        if (rc)
            return rc;
    }
    return 0;
}

static int expect_immediate(struct phase *phase, const struct json_t *immediate)
{
    const char *status = json_member_text(immediate, "http_status");
    status = status ? status : json_member_text(immediate, "httpStatus");
    int rc = 0;
    if (status)
        rc = trial_expect(phase->trial, TRIAL_RESPONSE, TRIAL_FIELD, false, ":status", status,
                          phase->err);
    if (!rc && !phase->response)
        rc = trial_expect(phase->trial, TRIAL_REQUEST, TRIAL_PASSED, true, NULL, NULL, phase->err);
    return rc;
}

static int read_result(void *arg, const char *key, const struct json_t *value)
{
    struct phase *phase = arg;
    enum trial_place log = phase->log_only ? phase->place : TRIAL_LOG;
    if (strcmp(key, "log") == 0)
        return expect_texts(phase, log, value);
    if (phase->log_only)
        return unknown(phase, "result", key);
    if (strcmp(key, "immediate") == 0)
        return expect_immediate(phase, value);
    if (suite_is_name(key, "has_header"))
        return expect_fields(phase, value, false);
    if (suite_is_name(key, "no_header"))
        return expect_fields(phase, value, true);
    if (strcmp(key, "headers") == 0)
        return expect_texts(phase, place_of(phase, false), value);
    if (strcmp(key, "body") == 0)
        return expect_texts(phase, place_of(phase, true), value);
    return unknown(phase, "result", key);
}

/* --- Phases --- */

static int read_expectation(struct phase *phase, const struct json_t *result)
{
    if (!json_is_obj(result))
        return err_set(phase->err, ERR_FAILED, "%s.result is no object", phase->name);
    phase->immediate = json_member(result, "immediate") != NULL;
    if (!phase->response && !phase->immediate && !phase->log_only) {
        int rc =
            trial_expect(phase->trial, TRIAL_REQUEST, TRIAL_PASSED, false, NULL, NULL, phase->err);
        if (rc)
            return rc;
    }
    return json_each_member(result, read_result, phase);
}

static int read_invocation(void *arg, const char *key, const struct json_t *value)
{
    struct phase *phase = arg;
    if (strcmp(key, "input") == 0) {
        if (phase->response)
            phase->trial->answers = true;
        return json_each_member(value, read_input, phase);
    }
    if (strcmp(key, "result") == 0)
        return read_expectation(phase, value);
    return err_set(phase->err, ERR_FAILED, "%s.%s is not known", phase->name, key);
}

static int read_phase(struct phase *phase, const struct json_t *value)
{
    if (phase->log_only)
        return read_expectation(phase, value);
    phase->several = json_arr_len(value) > 1;
    if (!phase->body)
        return json_each_member(value, read_invocation, phase);
    for (size_t i = 0; i < json_arr_len(value); i++) {
        int rc = json_each_member(json_arr_at(value, i), read_invocation, phase);
        if (rc)
            return rc;
    }
    if (!phase->response && strcmp(phase->trial->method, "GET") == 0)
        set(&phase->trial->method, "POST");
    return 0;
}

static int read_member(void *arg, const char *key, const struct json_t *value)
{
    static const struct phase phases[] = {
        {.name = "request_headers"},
        {.name = "request_body", .body = true},
        {.name = "response_headers", .response = true},
        {.name = "response_body", .response = true, .body = true},
        {.name = "plugin_init", .log_only = true, .place = TRIAL_START_LOG},
        {.name = "stream_init", .log_only = true, .place = TRIAL_LOG},
        {.name = "stream_destroy", .log_only = true, .place = TRIAL_LOG},
    };
    static const char *const passed[] = {"name", "benchmark", "num_chunks", "chunk_size"};
    const struct phase *with = arg;
    for (size_t i = 0; i < COUNT(phases); i++) {
        if (!suite_is_name(key, phases[i].name))
            continue;
        struct phase phase = phases[i];
        phase.trial = with->trial;
        phase.folder = with->folder;
        phase.err = with->err;
        return read_phase(&phase, value);
    }
    for (size_t i = 0; i < COUNT(passed); i++)
        if (suite_is_name(key, passed[i]))
            return 0;
    if (strcmp(key, "properties") == 0)
        return err_set(with->err, ERR_FAILED,
                       "properties: those of a real Envoy cannot be set: leave them out");
    return err_set(with->err, ERR_FAILED, "\"%.60s\" is not known", key);
}

int suite_read_test(const struct json_t *test, const char *folder, struct trial *trial,
                    struct err *err)
{
    struct phase with = {.trial = trial, .folder = folder, .err = err};
    return json_is_obj(test) ? json_each_member(test, read_member, &with)
                             : err_set(err, ERR_FAILED, "it is no object");
}
