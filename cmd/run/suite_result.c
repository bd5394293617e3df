#include "cmd/run/suite_result.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"

static enum trial_place place_of(const struct phase *phase, bool body)
{
    if (phase->log_only)
        return phase->place;
    bool response = phase->response || phase->immediate;
    if (body)
        return response ? TRIAL_RESPONSE_BODY : TRIAL_REQUEST_BODY;
    return response ? TRIAL_RESPONSE : TRIAL_REQUEST;
}

/* --- Headers --- */

static int expect_field(struct phase *phase, const struct json_t *item)
{
    const char *key = NULL, *value = NULL;
    int rc = suite_header(phase, ".result.has_header", item, &key, &value);
    return rc ? rc
              : trial_expect(phase->trial, place_of(phase, false), TRIAL_FIELD, false, key,
                             value ? value : "", phase->err);
}

static int expect_no_field(struct phase *phase, const struct json_t *item)
{
    const char *key = NULL, *value = NULL;
    int rc = suite_header(phase, ".result.no_header", item, &key, &value);
    return rc ? rc
              : trial_expect(phase->trial, place_of(phase, false), TRIAL_HAS, true, key, NULL,
                             phase->err);
}

/* --- Texts --- */

/* A StringMatcher. */
struct matcher {
    struct phase *phase;
    const char *how; /* "exact" and so on */
    const char *text;
    bool invert;
};

static int read_matcher_member(void *arg, const char *key, const struct json_t *value)
{
    static const char *const hows[] = {"exact", "regex", "contains", "file"};
    struct matcher *matcher = arg;
    const struct phase *phase = matcher->phase;
    const char *text = json_text(value);
    if (strcmp(key, "invert") == 0) {
        matcher->invert = text && strcasecmp(text, "true") == 0;
        return matcher->invert || (text && strcasecmp(text, "false") == 0)
                   ? 0
                   : err_set(phase->err, ERR_FAILED, "%s.result: invert is to be true or false",
                             phase->name);
    }
    for (size_t i = 0; i < COUNT(hows); i++) {
        if (strcmp(key, hows[i]) != 0)
            continue;
        if (!text || matcher->how)
            return err_set(phase->err, ERR_FAILED,
                           text ? "%s.result: a matcher has %s, and another one, too"
                                : "%s.result: the %s of a matcher is no text",
                           phase->name, key);
        matcher->how = hows[i];
        matcher->text = text;
        return 0;
    }
    return suite_unknown(phase, "result", key);
}

static int expect_file(const struct matcher *matcher, enum trial_place place, enum trial_match same)
{
    AUTO(buf_release) struct buf text = BUF_INIT(UPSTREAM_BODY_MAX);
    int rc = suite_file(matcher->phase, matcher->text, &text);
    if (!rc)
        trial_expect_bytes(matcher->phase->trial, place, same, matcher->invert, &text);
    return rc;
}

/* A body that is one of several parts is looked for within the whole. */
static int expect_text(struct phase *phase, enum trial_place place, const struct json_t *item)
{
    struct matcher matcher = {.phase = phase};
    bool part = phase->several && (place == TRIAL_REQUEST_BODY || place == TRIAL_RESPONSE_BODY);
    enum trial_match same = part ? TRIAL_CONTAINS : TRIAL_EQUALS;
    int rc = json_each_member(item, read_matcher_member, &matcher);
    if (rc)
        return rc;
    if (!matcher.how)
        return err_set(phase->err, ERR_FAILED,
                       "%s.result: a matcher has none of exact, regex, contains and file",
                       phase->name);
    if (*matcher.how == 'f')
        return expect_file(&matcher, place, same);
    enum trial_match match = *matcher.how == 'e'   ? same
                             : *matcher.how == 'r' ? (part ? TRIAL_FINDS : TRIAL_MATCHES)
                                                   : TRIAL_CONTAINS;
    return trial_expect(phase->trial, place, match, matcher.invert, NULL, matcher.text, phase->err);
}

static int expect_line(struct phase *phase, const struct json_t *item)
{
    return expect_text(phase, place_of(phase, false), item);
}

static int expect_body(struct phase *phase, const struct json_t *item)
{
    return expect_text(phase, place_of(phase, true), item);
}

static int expect_log(struct phase *phase, const struct json_t *item)
{
    return expect_text(phase, phase->log_only ? phase->place : TRIAL_LOG, item);
}

/* --- Immediate answers --- */

/* Envoy shows nobody the details, and the status of gRPC is a header. */
static int read_immediate_member(void *arg, const char *key, const struct json_t *value)
{
    struct phase *phase = arg;
    const char *text = json_text(value);
    if (suite_is_name(key, "http_status") && text)
        return trial_expect(phase->trial, TRIAL_RESPONSE, TRIAL_FIELD, false, ":status", text,
                            phase->err);
    if (suite_is_name(key, "grpc_status") || strcmp(key, "details") == 0)
        return 0;
    return suite_unknown(phase, "result.immediate", key);
}

static int expect_immediate(struct phase *phase, const struct json_t *immediate)
{
    int rc = suite_members(phase, ".result.immediate", immediate, read_immediate_member);
    if (!rc && !phase->response)
        rc = trial_expect(phase->trial, TRIAL_REQUEST, TRIAL_PASSED, true, NULL, NULL, phase->err);
    return rc;
}

/* --- The whole --- */

static int read_member(void *arg, const char *key, const struct json_t *value)
{
    struct phase *phase = arg;
    if (strcmp(key, "log") == 0)
        return suite_items(phase, ".result.log", value, expect_log);
    if (phase->log_only)
        return suite_unknown(phase, "result", key);
    if (strcmp(key, "immediate") == 0)
        return expect_immediate(phase, value);
    if (suite_is_name(key, "has_header"))
        return suite_items(phase, ".result.has_header", value, expect_field);
    if (suite_is_name(key, "no_header"))
        return suite_items(phase, ".result.no_header", value, expect_no_field);
    if (strcmp(key, "headers") == 0)
        return suite_items(phase, ".result.headers", value, expect_line);
    if (strcmp(key, "body") == 0)
        return suite_items(phase, ".result.body", value, expect_body);
    return suite_unknown(phase, "result", key);
}

int suite_read_result(struct phase *phase, const struct json_t *result)
{
    phase->immediate = json_member(result, "immediate") != NULL;
    int rc = 0;
    if (!phase->response && !phase->immediate && !phase->log_only)
        rc = trial_expect(phase->trial, TRIAL_REQUEST, TRIAL_PASSED, false, NULL, NULL, phase->err);
    return rc ? rc : suite_members(phase, ".result", result, read_member);
}
