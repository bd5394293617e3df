#include "cmd/run/suite_phase.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "cmd/run/suite_result.h"

/* --- What goes in --- */

static void set_method(struct trial *trial, const char *method)
{
    trial_set(&trial->method, method);
    trial->method_given = true;
}

/* A pseudo-header of the request, or the status of the response. */
static int take_pseudo(struct phase *phase, const char *key, const char *value)
{
    struct trial *trial = phase->trial;
    if (phase->response && strcmp(key, ":status") == 0) {
        bool sound = strlen(value) == 3 && strspn(value, "0123456789") == 3;
        trial->status = sound ? (int)strtol(value, NULL, 10) : 0;
    } else if (phase->response) {
        return suite_unknown(phase, "input.header", key);
    } else if (strcmp(key, ":method") == 0) {
        set_method(trial, value);
    } else if (strcmp(key, ":path") == 0) {
        trial_set(&trial->target, value);
    } else if (strcmp(key, ":authority") == 0) {
        trial_set(&trial->authority, value);
    } else if (strcmp(key, ":scheme") != 0) { /* which Envoy sets */
        return suite_unknown(phase, "input.header", key);
    }
    return 0;
}

static int add_header(struct phase *phase, const char *key, const char *value)
{
    struct trial *trial = phase->trial;
    if (*key == ':')
        return take_pseudo(phase, key, value);
    if (!phase->response && strcasecmp(key, "host") == 0)
        trial_set(&trial->authority, value);
    else
        texts_add(phase->response ? &trial->answer_fields : &trial->fields,
                  mem_printf("%s: %s", key, value));
    return 0;
}

static int read_header(struct phase *phase, const struct json_t *item)
{
    const char *key = NULL, *value = NULL;
    int rc = suite_header(phase, ".input.header", item, &key, &value);
    return rc ? rc : add_header(phase, key, value ? value : "");
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
    set_method(phase->trial, first);
    if (!trial_take_url(phase->trial, second))
        trial_set(&phase->trial->target, second);
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
        } else if (colon && colon != line) {
            *colon = '\0';
            rc = add_header(phase, line, colon + 1 + strspn(colon + 1, " \t"));
        } else {
            rc = err_set(phase->err, ERR_FAILED, "%s.input: the line \"%.100s\" is no header",
                         phase->name, line);
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
    if (strcmp(key, "header") == 0 && !phase->body)
        return suite_items(phase, ".input.header", value, read_header);
    if (strcmp(key, "content") == 0 && text)
        return take_content(phase, text, strlen(text));
    if (strcmp(key, "file") != 0 || !text)
        return suite_unknown(phase, "input", key);
    AUTO(buf_release) struct buf content = BUF_INIT(UPSTREAM_BODY_MAX);
    int rc = suite_file(phase, text, &content);
    return rc ? rc : take_content(phase, buf_text(&content), content.len);
}

/* --- Phases --- */

static int read_invocation(void *arg, const char *key, const struct json_t *value)
{
    struct phase *phase = arg;
    if (strcmp(key, "input") == 0) {
        if (phase->response)
            phase->trial->answers = true;
        return suite_members(phase, ".input", value, read_input);
    }
    if (strcmp(key, "result") == 0)
        return suite_read_result(phase, value);
    return err_set(phase->err, ERR_FAILED, "%s.%s is not known", phase->name, key);
}

static int read_part(struct phase *phase, const struct json_t *item)
{
    return json_each_member(item, read_invocation, phase);
}

static int read_phase(struct phase *phase, const struct json_t *value)
{
    if (phase->log_only)
        return suite_read_result(phase, value);
    if (!phase->body)
        return suite_members(phase, "", value, read_invocation);
    phase->several = json_arr_len(value) > 1;
    int rc = suite_items(phase, "", value, read_part);
    if (!rc && !phase->response && !phase->trial->method_given)
        trial_set(&phase->trial->method, "POST");
    return rc;
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
    int rc = json_is_obj(test) ? json_each_member(test, read_member, &with)
                               : err_set(err, ERR_FAILED, "it is no object");
    return rc ? rc : trial_check(trial, err);
}
