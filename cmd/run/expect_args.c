#include "cmd/run/expect_args.h"

#include <string.h>

#include "base/http_token.h"
#include "base/mem.h"
#include "cmd/run/check_words.h"
#include "cmd/run/field.h"

bool expect_is_given(const struct expect_args *args)
{
    return args->checks.count || args->test;
}

static int expect_status(int status, struct trial *trial, struct err *err)
{
    if (!status)
        return trial_expect(trial, TRIAL_RESPONSE, TRIAL_SUCCESS, false, NULL, NULL, err);
    AUTO_FREE char *text = mem_printf("%d", status);
    return trial_expect(trial, TRIAL_RESPONSE, TRIAL_FIELD, false, ":status", text, err);
}

/* "Name: value", or "Name" alone; blanks around the value are not part of it. */
static int expect_header(const char *text, struct trial *trial, struct err *err)
{
    size_t len = strcspn(text, ":");
    AUTO_FREE char *name = mem_dup_n(text, len);
    AUTO_FREE char *value = text[len] ? mem_dup(field_value(text)) : NULL;
    if (!http_is_token(name, len))
        return err_set(err, ERR_USAGE,
                       "--expect-header \"%.100s\": write it as Name: value, or as Name", text);
    for (size_t end = value ? strlen(value) : 0; end && strchr(" \t", value[end - 1]); end--)
        value[end - 1] = '\0';
    return trial_expect(trial, TRIAL_RESPONSE, value ? TRIAL_FIELD : TRIAL_HAS, false, name, value,
                        err);
}

static int expect_no_header(const char *name, struct trial *trial, struct err *err)
{
    if (!http_is_token(name, strlen(name)))
        return err_set(err, ERR_USAGE,
                       "--expect-no-header \"%.100s\": write the name of a header, and no value",
                       name);
    return trial_expect(trial, TRIAL_RESPONSE, TRIAL_HAS, true, name, NULL, err);
}

static int expect_texts(const struct option_list *texts, enum trial_place place,
                        struct trial *trial, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < texts->count; i++)
        rc = trial_expect(trial, place, TRIAL_CONTAINS, false, NULL, texts->items[i], err);
    return rc;
}

static int add_check(const struct expect_args *args, const char *words, struct trials *trials,
                     struct err *err)
{
    struct trial *trial = trials_add(trials);
    int rc = check_words_read(words, trial, err);
    if (rc)
        return err_wrap(err, "--check \"%.100s\"", words);
    rc = expect_status(args->status, trial, err);
    for (size_t i = 0; !rc && i < args->headers.count; i++)
        rc = expect_header(args->headers.items[i], trial, err);
    for (size_t i = 0; !rc && i < args->no_headers.count; i++)
        rc = expect_no_header(args->no_headers.items[i], trial, err);
    if (!rc)
        rc = expect_texts(&args->bodies, TRIAL_RESPONSE_BODY, trial, err);
    return rc ? rc : expect_texts(&args->logs, TRIAL_LOG, trial, err);
}

int expect_read(const struct expect_args *args, struct suite *out, struct err *err)
{
    AUTO(suite_release) struct suite suite = {0};
    bool expects = args->status || args->headers.count || args->no_headers.count ||
                   args->bodies.count || args->logs.count;
    if (expects && !args->checks.count)
        return err_set(
            err, ERR_USAGE,
            "--expect-status and the like go with --check 'REQUEST': write one, as --check /");
    int rc = args->test ? suite_read(args->test, &suite, err) : 0;
    for (size_t i = 0; !rc && i < args->checks.count; i++)
        rc = add_check(args, args->checks.items[i], &suite.trials, err);
    if (rc)
        return rc;
    *out = suite;
    suite = (struct suite){0};
    return 0;
}
