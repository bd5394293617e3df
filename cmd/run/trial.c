#include "cmd/run/trial.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/pattern.h"
#include "cmd/run/field.h"

enum {
    SHOWN_MAX = 300, /* bytes of a text that a complaint shows */
    COMPLAINT_MAX = 64 * 1024,
    LINES_SHOWN = 20,
};

void trial_init(struct trial *trial)
{
    *trial = (struct trial){.method = mem_dup("GET"),
                            .target = mem_dup("/"),
                            .body = BUF_INIT(UPSTREAM_BODY_MAX),
                            .status = 200,
                            .answer_body = BUF_INIT(UPSTREAM_BODY_MAX)};
}

static void expectation_release(struct trial_expectation *one)
{
    free(one->key);
    free(one->text);
    pattern_free_at(&one->pattern);
}

void trial_release(struct trial *trial)
{
    free(trial->name);
    free(trial->method);
    free(trial->target);
    free(trial->authority);
    texts_release(&trial->fields);
    buf_release(&trial->body);
    texts_release(&trial->answer_fields);
    buf_release(&trial->answer_body);
    for (size_t i = 0; i < trial->count; i++)
        expectation_release(&trial->expected[i]);
    free(trial->expected);
}

struct trial *trials_add(struct trials *trials)
{
    trials->items = mem_resize(trials->items, trials->count + 1, sizeof(*trials->items));
    struct trial *trial = &trials->items[trials->count++];
    trial_init(trial);
    return trial;
}

void trials_release(struct trials *trials)
{
    for (size_t i = 0; i < trials->count; i++)
        trial_release(&trials->items[i]);
    free(trials->items);
    *trials = (struct trials){0};
}

void trial_facts_release(struct trial_facts *facts)
{
    texts_release(&facts->request);
    texts_release(&facts->response);
    buf_release(&facts->request_body);
    buf_release(&facts->response_body);
}

/* --- Expectations --- */

static struct trial_expectation *add_expectation(struct trial *trial, enum trial_place place,
                                                 enum trial_match match, bool invert)
{
    trial->expected = mem_resize(trial->expected, trial->count + 1, sizeof(*trial->expected));
    struct trial_expectation *one = &trial->expected[trial->count++];
    *one = (struct trial_expectation){.place = place, .match = match, .invert = invert};
    return one;
}

int trial_expect(struct trial *trial, enum trial_place place, enum trial_match match, bool invert,
                 const char *key, const char *text, struct err *err)
{
    struct trial_expectation *one = add_expectation(trial, place, match, invert);
    one->key = mem_dup_or_null(key);
    one->text = mem_dup_or_null(text);
    one->len = text ? strlen(text) : 0;
    if (match != TRIAL_MATCHES && match != TRIAL_FINDS)
        return 0;
    return pattern_compile(text, match == TRIAL_MATCHES, &one->pattern, err);
}

void trial_expect_bytes(struct trial *trial, enum trial_place place, enum trial_match match,
                        bool invert, const struct buf *bytes)
{
    struct trial_expectation *one = add_expectation(trial, place, match, invert);
    one->text = mem_dup_n(buf_text(bytes), bytes->len);
    one->len = bytes->len;
}

/* --- Whether they are met --- */

static enum pattern_verdict verdict_of(bool matches)
{
    return matches ? PATTERN_MATCHES : PATTERN_NONE;
}

static enum pattern_verdict match_text(const struct trial_expectation *one, const char *text,
                                       size_t len)
{
    switch (one->match) {
    case TRIAL_EQUALS:
        return verdict_of(len == one->len && memcmp(text, one->text, len) == 0);
    case TRIAL_CONTAINS:
        return verdict_of(memmem(text, len, one->text, one->len) != NULL);
    case TRIAL_MATCHES:
    case TRIAL_FINDS:
        return pattern_match(one->pattern, text, len);
    default:
        return PATTERN_NONE;
    }
}

/* The values of the field, with ", " between them; NULL: it is not there. The caller frees it. */
static char *values_of(const struct texts *lines, const char *key)
{
    char *all = NULL;
    for (size_t i = 0; i < lines->count; i++) {
        if (!field_is(lines->items[i], key))
            continue;
        const char *value = field_value(lines->items[i]);
        char *longer = all ? mem_printf("%s, %s", all, value) : mem_dup(value);
        free(all);
        all = longer;
    }
    return all;
}

static const struct texts *lines_at(enum trial_place place, const struct trial_facts *facts)
{
    switch (place) {
    case TRIAL_REQUEST:
        return &facts->request;
    case TRIAL_RESPONSE:
        return &facts->response;
    case TRIAL_LOG:
        return facts->log;
    default:
        return facts->start_log;
    }
}

/* Otherwise lines are at that place. */
static bool is_body(enum trial_place place)
{
    return place == TRIAL_REQUEST_BODY || place == TRIAL_RESPONSE_BODY;
}

static const struct buf *body_at(enum trial_place place, const struct trial_facts *facts)
{
    return place == TRIAL_REQUEST_BODY ? &facts->request_body : &facts->response_body;
}

static bool field_is_met(const struct trial_expectation *one, const struct texts *lines)
{
    AUTO_FREE char *value = values_of(lines, one->key);
    return value && (one->match == TRIAL_HAS || strcmp(value, one->text) == 0);
}

/* The verdict of the first line that is no PATTERN_NONE. */
static enum pattern_verdict match_lines(const struct trial_expectation *one,
                                        const struct texts *lines)
{
    enum pattern_verdict verdict = PATTERN_NONE;
    for (size_t i = 0; i < lines->count && verdict == PATTERN_NONE; i++)
        verdict = match_text(one, lines->items[i], strlen(lines->items[i]));
    return verdict;
}

static enum pattern_verdict match(const struct trial_expectation *one,
                                  const struct trial_facts *facts)
{
    const struct buf *body = body_at(one->place, facts);
    switch (one->match) {
    case TRIAL_PASSED:
        return verdict_of(facts->passed);
    case TRIAL_SUCCESS:
        return verdict_of(facts->status >= 200 && facts->status < 400);
    case TRIAL_FIELD:
    case TRIAL_HAS:
        return verdict_of(field_is_met(one, lines_at(one->place, facts)));
    default:
        return is_body(one->place) ? match_text(one, buf_text(body), body->len)
                                   : match_lines(one, lines_at(one->place, facts));
    }
}

bool trial_is_met(const struct trial_expectation *one, const struct trial_facts *facts)
{
    return match(one, facts) == verdict_of(!one->invert);
}

/* --- Words --- */

static const char *place_words(enum trial_place place)
{
    static const char *const words[] = {
        [TRIAL_REQUEST] = "the request behind the filter",
        [TRIAL_REQUEST_BODY] = "the request's body behind the filter",
        [TRIAL_RESPONSE] = "the response",
        [TRIAL_RESPONSE_BODY] = "the response's body",
        [TRIAL_LOG] = "the filter's log",
        [TRIAL_START_LOG] = "the filter's log of its start",
    };
    return words[place];
}

static void add_lines(struct buf *out, const struct texts *lines)
{
    if (!lines->count)
        buf_add_text(out, "nothing came");
    for (size_t i = 0; i < lines->count && i < LINES_SHOWN; i++)
        buf_printf(out, "%s\n  %.*s", i ? "" : "came:", SHOWN_MAX, lines->items[i]);
    if (lines->count > LINES_SHOWN)
        buf_printf(out, "\n  and %zu more lines", lines->count - LINES_SHOWN);
}

static void add_field_words(struct buf *out, const struct trial_expectation *one,
                            const struct texts *lines)
{
    AUTO_FREE char *value = values_of(lines, one->key);
    buf_printf(out, "expected in %s %s \"%s\"", place_words(one->place),
               one->invert ? "no field" : "the field", one->key);
    if (one->match == TRIAL_FIELD)
        buf_printf(out, " with the value \"%.*s\"", SHOWN_MAX, one->text);
    if (value)
        buf_printf(out, "; its value is \"%.*s\"", SHOWN_MAX, value);
    else
        buf_add_text(out, "; there is none");
}

static void add_text_words(struct buf *out, const struct trial_expectation *one,
                           const struct trial_facts *facts)
{
    static const char *const how[] = {[TRIAL_EQUALS] = "the text",
                                      [TRIAL_MATCHES] = "a match of",
                                      [TRIAL_CONTAINS] = "something with",
                                      [TRIAL_FINDS] = "something with a match of"};
    const struct buf *body = body_at(one->place, facts);
    buf_printf(out, "expected in %s %s%s \"%.*s\"; ", place_words(one->place),
               one->invert ? "not " : "", how[one->match], SHOWN_MAX, one->text);
    if (match(one, facts) == PATTERN_GAVE_UP)
        buf_add_text(out, "to compare the expression takes too much time or memory; ");
    if (!is_body(one->place))
        add_lines(out, lines_at(one->place, facts));
    else if (body->len)
        buf_printf(out, "came: \"%.*s\"", SHOWN_MAX, buf_text(body));
    else
        buf_add_text(out, "it is empty");
}

char *trial_complaint(const struct trial_expectation *one, const struct trial_facts *facts)
{
    struct buf out = BUF_INIT(COMPLAINT_MAX);
    if (one->match == TRIAL_PASSED)
        buf_printf(&out,
                   "expected that the request %s the server behind the filter; the answer "
                   "was %d",
                   one->invert ? "does not reach" : "reaches", facts->status);
    else if (one->match == TRIAL_SUCCESS)
        buf_printf(&out, "expected a status from 200 to 399; the status is %d", facts->status);
    else if (one->key)
        add_field_words(&out, one, lines_at(one->place, facts));
    else
        add_text_words(&out, one, facts);
    return buf_steal(&out);
}
