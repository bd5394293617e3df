/* Any text as a file of tests, and as the request of --check: what is read can be sent as one
 * request, and judged against any answer. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/run/check_words.h"
#include "cmd/run/suite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const char *text, const char *without)
{
    if (text && strpbrk(text, without))
        abort();
}

static void check_request(const struct trial *trial)
{
    if (!*trial->method || !*trial->target || trial->status < 200 || trial->status > 599)
        abort();
    check_line(trial->method, " \r\n\t:");
    check_line(trial->target, " \r\n\t");
    check_line(trial->authority, " \r\n\t@");
    for (size_t i = 0; i < trial->fields.count; i++)
        check_line(trial->fields.items[i], "\r\n");
    for (size_t i = 0; i < trial->answer_fields.count; i++)
        check_line(trial->answer_fields.items[i], "\r\n");
}

/* An expectation and its opposite cannot both be met. */
static void judge(struct trial *trial, const struct trial_facts *facts)
{
    for (size_t i = 0; i < trial->count; i++) {
        struct trial_expectation *one = &trial->expected[i];
        bool met = trial_is_met(one, facts);
        free(trial_complaint(one, facts));
        one->invert = !one->invert;
        if (trial_is_met(one, facts) && met)
            abort();
        free(trial_complaint(one, facts));
    }
}

/* The request and the answer come as the trial has them. */
static void check_trial(struct trial *trial)
{
    struct texts log = {0};
    struct trial_facts facts = {.status = trial->status, .log = &log, .start_log = &log};
    check_request(trial);
    texts_add(&log, mem_dup(trial->name));
    texts_add(&facts.request, mem_printf(":path: %s", trial->target));
    for (size_t i = 0; i < trial->fields.count; i++)
        texts_add(&facts.request, mem_dup(trial->fields.items[i]));
    texts_add(&facts.response, mem_printf(":status: %d", trial->status));
    for (size_t i = 0; i < trial->answer_fields.count; i++)
        texts_add(&facts.response, mem_dup(trial->answer_fields.items[i]));
    buf_init(&facts.request_body, UPSTREAM_BODY_MAX);
    buf_add(&facts.request_body, trial->body.data, trial->body.len);
    buf_init(&facts.response_body, UPSTREAM_BODY_MAX);
    buf_add(&facts.response_body, trial->answer_body.data, trial->answer_body.len);
    judge(trial, &facts);
    trial_facts_release(&facts);
    texts_release(&log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(suite_release) struct suite suite = {0};
    AUTO(trial_release) struct trial trial;
    AUTO_FREE char *text = mem_dup_n((const char *)data, size);
    if (suite_parse(text, size, "/nonexistent/", &suite, ERR_IGNORED) == 0)
        for (size_t i = 0; i < suite.trials.count; i++)
            check_trial(&suite.trials.items[i]);
    trial_init(&trial);
    if (check_words_read(text, &trial, ERR_IGNORED) == 0)
        check_trial(&trial);
    return 0;
}
