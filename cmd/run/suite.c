#include "cmd/run/suite.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/yaml.h"
#include "cmd/log.h"
#include "cmd/run/suite_part.h"
#include "cmd/run/suite_phase.h"

void suite_release(struct suite *suite)
{
    trials_release(&suite->trials);
    free(suite->config_path);
}

/* --- env --- */

static int read_level(const char *text, struct suite *suite, struct err *err)
{
    static const struct {
        const char *theirs, *ours;
    } levels[] = {{"UNDEFINED", NULL},     {"TRACE", "trace"},  {"DEBUG", "debug"},
                  {"INFO", "info"},        {"WARN", "warning"}, {"ERROR", "error"},
                  {"CRITICAL", "critical"}};
    for (size_t i = 0; i < COUNT(levels); i++) {
        if (strcmp(text, levels[i].theirs) != 0)
            continue;
        suite->level = levels[i].ours;
        return 0;
    }
    return err_set(err, ERR_FAILED, "env.log_level: there is no level \"%.40s\"", text);
}

struct reading {
    struct suite *suite;
    const char *folder;
    struct err *err;
};

static int read_env_member(void *arg, const char *key, const struct json_t *value)
{
    static const char *const passed[] = {"wasm_path",
                                         "test_path",
                                         "log_path",
                                         "time_secs",
                                         "num_additional_streams",
                                         "additional_stream_advance_rate"};
    struct reading *reading = arg;
    const char *text = json_text(value);
    if (!text)
        return err_set(reading->err, ERR_FAILED, "env.%s is no text", key);
    if (suite_is_name(key, "log_level"))
        return read_level(text, reading->suite, reading->err);
    if (suite_is_name(key, "config_path")) {
        free(reading->suite->config_path);
        reading->suite->config_path = suite_path(reading->folder, text);
        return 0;
    }
    for (size_t i = 0; i < COUNT(passed); i++) {
        if (!suite_is_name(key, passed[i]))
            continue;
        if (suite_is_name(key, "time_secs"))
            log_warning("env.time_secs: the clock of a real Envoy cannot be set: ignored", NULL);
        return 0;
    }
    return err_set(reading->err, ERR_FAILED, "env.%s is not known", key);
}

/* --- Tests --- */

static int read_test(struct reading *reading, const struct json_t *test, size_t number)
{
    struct trial *trial = trials_add(&reading->suite->trials);
    const char *name = json_member_text(test, "name");
    trial->name = name ? mem_dup(name) : mem_printf("test %zu", number);
    int rc = suite_read_test(test, reading->folder, trial, reading->err);
    reading->suite->scripts |= trial->answers;
    return rc ? err_wrap(reading->err, "test \"%s\"", trial->name) : 0;
}

static int read_tests(struct reading *reading, const struct json_t *tests)
{
    size_t count = json_arr_len(tests);
    if (!count || count > SUITE_TESTS_MAX)
        return err_set(reading->err, ERR_FAILED, "\"test\" is to be a list of 1 to %d tests",
                       SUITE_TESTS_MAX);
    for (size_t i = 0; i < count; i++) {
        int rc = read_test(reading, json_arr_at(tests, i), i + 1);
        if (rc)
            return rc;
    }
    return 0;
}

static int read_member(void *arg, const char *key, const struct json_t *value)
{
    struct reading *reading = arg;
    if (strcmp(key, "env") == 0)
        return json_is_obj(value) ? json_each_member(value, read_env_member, reading)
                                  : err_set(reading->err, ERR_FAILED, "\"env\" is to be an object");
    if (strcmp(key, "test") == 0)
        return read_tests(reading, value);
    return err_set(reading->err, ERR_FAILED,
                   "\"%.60s\" is not known: a file of tests has \"env\" and \"test\"", key);
}

static int read_document(const char *text, size_t len, struct reading *reading)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    int rc = yaml_read(text, len, &doc, reading->err);
    if (rc)
        return rc;
    if (!json_is_obj(doc) || !json_member(doc, "test"))
        return err_set(reading->err, ERR_FAILED, "it has no list \"test\"");
    return json_each_member(doc, read_member, reading);
}

int suite_parse(const char *text, size_t len, const char *folder, struct suite *out,
                struct err *err)
{
    AUTO(suite_release) struct suite suite = {0};
    struct reading reading = {.suite = &suite, .folder = folder, .err = err};
    int rc = read_document(text, len, &reading);
    if (rc == ERR_USAGE) /* of a trial: the file is wrong, and not the command line */
        err->code = rc = ERR_FAILED;
    if (rc)
        return rc;
    *out = suite;
    suite = (struct suite){0};
    return 0;
}

int suite_read(const char *path, struct suite *out, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(SUITE_MAX);
    const char *slash = strrchr(path, '/');
    AUTO_FREE char *folder = slash ? mem_dup_n(path, (size_t)(slash - path) + 1) : mem_dup("");
    int rc = file_read_named(path, &text, err);
    if (!rc)
        rc = suite_parse(buf_text(&text), text.len, folder, out, err);
    return rc ? err_wrap(err, "--test %s", path) : 0;
}
