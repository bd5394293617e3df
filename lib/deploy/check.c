/* A deployment against the facts of its target. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "deploy/envoy.h"
#include "deploy/target.h"

/* Beyond it, a double does not hold every whole number (RFC 8259, section 6). */
#define EXACT_MAX ((1LL << 53) - 1)

/* Why the target lacks the choice. */
static const char *reason(const struct deploy_target *target, const char *option)
{
    for (size_t i = 0; target->why && target->why[i]; i += 2)
        if (strcmp(target->why[i], option) == 0)
            return target->why[i + 1];
    return NULL;
}

static int check_choices(const struct deploy_target *target, uint32_t given, struct err *err)
{
    for (unsigned i = 0; i < CHOICE_COUNT; i++) {
        if (!(given & ~target->takes & 1U << i))
            continue;
        const char *option = choice_name((enum deploy_choice)i);
        const char *why = reason(target, option);
        if (why)
            return err_set(err, ERR_USAGE, "%s: %s", option, why);
        AUTO(buf_release) struct buf takers = BUF_INIT(256);
        target_takers((enum deploy_choice)i, &takers);
        return err_set(err, ERR_USAGE, "%s: %s has no place for it (these have: %s): leave it out",
                       option, target->title, buf_text(&takers));
    }
    return 0;
}

static int check_version(const struct deploy_target *target, const struct deployment *wanted,
                         struct err *err)
{
    if (wanted->version < target->since)
        return err_set(err, ERR_USAGE, "--kind %s: %s exists from version %d.%d: use another kind",
                       target->kind, target->title, target->since / 100, target->since % 100);
    if (wanted->failure == DEPLOY_FAIL_RELOAD && wanted->version < target->reload_since)
        return err_set(err, ERR_USAGE,
                       "--fail-reload: %s has it from version %d.%d: leave it out, or give a newer "
                       "--target-version",
                       target->title, target->reload_since / 100, target->reload_since % 100);
    return 0;
}

/* RFC 1123 labels, one or several with dots between them, as Kubernetes names objects. */
static bool is_name(const char *text, size_t max, bool dots)
{
    size_t len = strlen(text);
    if (len == 0 || len > max)
        return false;
    for (size_t i = 0; i < len; i++) {
        bool inner = i > 0 && i + 1 < len && text[i - 1] != '.' && text[i + 1] != '.';
        bool letter = islower((unsigned char)text[i]) || isdigit((unsigned char)text[i]);
        if (!letter && !(inner && (text[i] == '-' || (dots && text[i] == '.'))))
            return false;
    }
    return true;
}

/* Other targets write names into files and addresses, where these characters mean themselves. */
static bool is_word(const char *text)
{
    static const char all[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return *text && strlen(text) <= 253 && text[strspn(text, all)] == '\0' && *text != '.' &&
           *text != '-';
}

int target_check_names(const struct deploy_target *target, const struct deployment *wanted,
                       struct err *err)
{
    if (target->api ? !is_name(wanted->name, 253, true) : !is_word(wanted->name))
        return err_set(
            err, ERR_USAGE,
            "--name \"%.260s\": a name has %s, and at most 253 of them: give another", wanted->name,
            target->api
                ? "lower case letters, digits, \"-\" and \".\" between them"
                : "letters, digits, \"_\", \".\" and \"-\", and begins with none of the last two");
    if (wanted->space && !is_name(wanted->space, 63, false))
        return err_set(err, ERR_USAGE,
                       "--namespace \"%.100s\": a namespace has lower case letters, digits and "
                       "\"-\" between them, and at most 63 of them",
                       wanted->space);
    if (wanted->pull_secret && !is_name(wanted->pull_secret, 253, true))
        return err_set(err, ERR_USAGE,
                       "--pull-secret \"%.260s\": it is the name of a Secret in the namespace of "
                       "the object, and no Secret has such a name",
                       wanted->pull_secret);
    return 0;
}

/* A name of a label, or its value: apimachinery, pkg/util/validation/validation.go. */
static bool is_label_word(const char *text, bool may_be_empty)
{
    size_t len = strlen(text);
    if (len == 0)
        return may_be_empty;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)text[i]) && !(i > 0 && i + 1 < len && strchr("-_.", text[i])))
            return false;
    return len <= 63;
}

static int check_label(const struct deploy_label *label, struct err *err)
{
    const char *slash = strchr(label->key, '/');
    AUTO_FREE char *prefix = mem_dup_n(label->key, slash ? (size_t)(slash - label->key) : 0);
    if ((slash && !is_name(prefix, 253, true)) ||
        !is_label_word(slash ? slash + 1 : label->key, false))
        return err_set(
            err, ERR_USAGE,
            "--selector: \"%.300s\" is no name of a label: it has at most 63 letters, "
            "digits, \"-\", \"_\" and \".\", and may have a domain and \"/\" before them",
            label->key);
    if (!strchr(label->value, '*') && !is_label_word(label->value, true))
        return err_set(err, ERR_USAGE,
                       "--selector: \"%.300s\" is no value of a label: it has at most 63 letters, "
                       "digits, \"-\", \"_\" and \".\"",
                       label->value);
    return 0;
}

/* Words of ingresses, domains, and objects of Kong: 253 characters of ASCII that are seen. */
static bool is_visible(const char *text)
{
    size_t len = strlen(text);
    for (const char *at = text; *at; at++)
        if (*at <= ' ' || *at > '~')
            return false;
    return len > 0 && len <= 253;
}

static int check_attached(const struct deploy_target *target, const struct deployment *wanted,
                          struct err *err)
{
    if (target->attach_needed && !wanted->attach_count)
        return err_set(err, ERR_USAGE,
                       "--target: %s is attached to something: name it, as in --target %s/NAME",
                       target->title, target->attach_kinds[0].kind);
    for (size_t i = 0; i < wanted->attach_count; i++) {
        const struct deploy_attach *one = &wanted->attached[i];
        if (target->attach_words ? !is_visible(one->name) : !is_name(one->name, 253, true))
            return err_set(err, ERR_USAGE, "--target %s/%.260s: no object has such a name",
                           one->kind, one->name);
        const struct attach_kind *kind = target_attach_kind(target, one->kind);
        if (kind->why_idle)
            return err_set(err, ERR_USAGE, "--target %s/%s: %s", one->kind, one->name,
                           kind->why_idle);
        if (wanted->version < kind->since)
            return err_set(err, ERR_USAGE,
                           "--target %s/%s: that is possible from version %d.%d on: give a "
                           "newer --target-version, or another target",
                           one->kind, one->name, kind->since / 100, kind->since % 100);
        for (size_t other = 0; other < i; other++)
            if (strcmp(one->name, wanted->attached[other].name) == 0 &&
                strcmp(one->kind, wanted->attached[other].kind) == 0)
                return err_set(err, ERR_USAGE, "--target %s/%s: it is named twice", one->kind,
                               one->name);
    }
    return 0;
}

static int check_env(const struct deployment *wanted, struct err *err)
{
    for (size_t i = 0; i < wanted->env_count; i++) {
        const struct deploy_env *one = &wanted->env[i];
        if (!is_visible(one->name))
            return err_set(err, ERR_USAGE, "--env \"%.260s\": that is no name of a variable",
                           one->name);
        if (one->value && !utf8_valid((const unsigned char *)one->value, strlen(one->value)))
            return err_set(err, ERR_USAGE, "--env %s: the value is not UTF-8", one->name);
        for (size_t other = 0; other < i; other++)
            if (strcmp(one->name, wanted->env[other].name) == 0)
                return err_set(err, ERR_USAGE, "--env %s: the variable is named twice", one->name);
    }
    return wanted->env_count <= 256 ? 0 : err_set(err, ERR_USAGE, "--env: at most 256 variables");
}

static int check_root_id(const struct deployment *wanted, struct err *err)
{
    const char *root = wanted->root_id;
    return root && !utf8_valid((const unsigned char *)root, strlen(root))
               ? err_set(err, ERR_USAGE, "--root-id: the text is not UTF-8")
               : 0;
}

static int check_phase(const struct deploy_target *target, const struct deployment *wanted,
                       struct err *err)
{
    AUTO(buf_release) struct buf words = BUF_INIT(256);
    for (size_t i = 0; wanted->phase && target->phases[i]; i++) {
        if (strcasecmp(target->phases[i], wanted->phase) == 0)
            return 0;
        buf_printf(&words, "%s%s", i ? ", " : "", target->phases[i]);
    }
    return wanted->phase ? err_set(err, ERR_USAGE, "--phase \"%.100s\": %s has the phases %s",
                                   wanted->phase, target->title, buf_text(&words))
                         : 0;
}

static int check_idle(uint32_t idle, const char *part, struct err *err)
{
    for (unsigned i = 0; i < CHOICE_COUNT; i++)
        if (idle & 1U << i)
            return err_set(err, ERR_USAGE, "%s: --part %s has no place for it: leave it out",
                           choice_name((enum deploy_choice)i), part);
    return 0;
}

static int check_part(const struct deploy_target *target, uint32_t given,
                      const struct deployment *wanted, struct err *err)
{
    AUTO(buf_release) struct buf words = BUF_INIT(256);
    for (size_t i = 0; target->parts && target->parts[i]; i++) {
        if (strcmp(target->parts[i], wanted->part) == 0)
            return target->idle ? check_idle(target->idle[i] & given, wanted->part, err) : 0;
        buf_printf(&words, "%s%s", i ? ", " : "", target->parts[i]);
    }
    return target->parts ? err_set(err, ERR_USAGE, "--part \"%.100s\": %s has the parts %s",
                                   wanted->part, target->title, buf_text(&words))
                         : 0;
}

/* --- The configuration --- */

static int check_text(void *arg, const char *key, const struct json_t *value)
{
    return json_is_text(value)
               ? 0
               : err_set(
                     arg, ERR_USAGE,
                     "--config: the value of \"%.100s\" is no text, and the proxy would drop it: "
                     "put it in quotes",
                     key);
}

/* Istio and Higress hold numbers as doubles, and a filter would get another number. */
static int check_numbers(void *arg, const char *key, const struct json_t *value)
{
    AUTO(buf_release) struct buf digits = BUF_INIT(32);
    int rc = json_is_obj(value) ? json_each_member(value, check_numbers, arg) : 0;
    for (size_t i = 0; !rc && i < json_arr_len(value); i++)
        rc = check_numbers(arg, key, json_arr_at(value, i));
    if (rc || !json_is_whole(value) || !json_scalar(value, &digits))
        return rc;
    long long number = strtoll(buf_text(&digits), NULL, 10);
    return number >= -EXACT_MAX && number <= EXACT_MAX
               ? 0
               : err_set(arg, ERR_USAGE,
                         "--config: the number of \"%.100s\" would reach the filter rounded, since "
                         "it is beyond %lld: put it in quotes",
                         key, EXACT_MAX);
}

int target_check_overflow(const struct deploy_target *target, struct err *err)
{
    if (target->config == CONFIG_TEXT || target->config == CONFIG_TEXT_OR_OBJECT)
        return 0;
    return err_set(err, ERR_USAGE,
                   "--config: a number in it is larger than %s can hold: put the number in quotes",
                   target->title);
}

static int check_config(const struct deploy_target *target, const struct deployment *wanted,
                        struct err *err)
{
    const struct json_t *json = wanted->config_json;
    if (!wanted->config)
        return 0;
    if (!utf8_valid((const unsigned char *)wanted->config, strlen(wanted->config)))
        return err_set(err, ERR_USAGE, "--config: the text is not UTF-8");
    if (target->config == CONFIG_JSON && !json)
        return err_set(err, ERR_USAGE,
                       "--config: %s takes JSON: put a text in quotes, as in '\"text\"'",
                       target->title);
    if (target->config == CONFIG_JSON && json_is_nul(json))
        return err_set(err, ERR_USAGE,
                       "--config: null counts as no configuration in %s: leave the option out",
                       target->title);
    if ((target->config == CONFIG_OBJECT || target->config == CONFIG_TEXTS) && !json_is_obj(json))
        return err_set(
            err, ERR_USAGE, "--config: %s takes a JSON object, as in '{\"header\": \"x-stamp\"}'%s",
            target->title,
            strcmp(target->name, "istio") == 0 ? "; a text is taken with --kind envoyfilter" : "");
    if (target->config == CONFIG_TEXTS)
        return json_each_member(json, check_text, err);
    return target->config == CONFIG_OBJECT ? json_each_member(json, check_numbers, err) : 0;
}

/* The address stands in the manifest, and so would a login in it. */
static int check_url(const char *url, struct err *err)
{
    AUTO_FREE char *owned = NULL;
    struct deploy_host host;
    int rc = envoy_host_of_url(url, &host, &owned, err);
    if (!rc && strchr(url, '#'))
        rc =
            err_set(err, ERR_USAGE,
                    "\"%.200s\": what is behind the \"#\" is sent to no server: leave it out", url);
    return rc ? err_wrap(err, "--url") : 0;
}

static int check_path(const char *path, struct err *err)
{
    if (!utf8_valid((const unsigned char *)path, strlen(path)))
        return err_set(err, ERR_USAGE,
                       "%.200s: the name is not UTF-8, and a manifest is: rename the file", path);
    return *path == '/'
               ? 0
               : err_set(err, ERR_USAGE, "--path \"%.200s\": the path begins with no \"/\"", path);
}

static int check_place(const struct deploy_target *target, const struct deployment *wanted,
                       struct err *err)
{
    static const char *const what[] = {
        [DEPLOY_IMAGE] = "an image", [DEPLOY_URL] = "a URL", [DEPLOY_FILE] = "a file"};
    enum deploy_place place = wanted->code.place;
    if (!(target->places & 1U << place))
        return err_set(err, ERR_USAGE, "%s takes no module from %s: %s", target->title, what[place],
                       target->elsewhere);
    if (wanted->pull_secret && place != DEPLOY_IMAGE)
        return err_set(err, ERR_USAGE, "--pull-secret: %s is fetched without a login: leave it out",
                       what[place]);
    if (wanted->pull && place == DEPLOY_FILE)
        return err_set(err, ERR_USAGE, "--pull-policy: a file is not pulled: leave it out");
    if (!wanted->code.address || place == DEPLOY_IMAGE)
        return 0;
    return place == DEPLOY_URL ? check_url(wanted->code.address, err)
                               : check_path(wanted->code.address, err);
}

int target_check_choices(const struct deploy_target *target, uint32_t given,
                         const struct deployment *wanted, struct err *err)
{
    int rc = check_choices(target, given, err);
    rc = rc ? rc : check_version(target, wanted, err);
    rc = rc ? rc : target_check_names(target, wanted, err);
    rc = rc ? rc : check_root_id(wanted, err);
    rc = rc ? rc : check_phase(target, wanted, err);
    rc = rc ? rc : check_part(target, given, wanted, err);
    rc = rc ? rc : check_attached(target, wanted, err);
    for (size_t i = 0; !rc && i < wanted->label_count; i++)
        rc = check_label(&wanted->labels[i], err);
    rc = rc ? rc : check_env(wanted, err);
    return rc ? rc : check_config(target, wanted, err);
}

int target_check(const struct deploy_target *target, const struct deployment *wanted,
                 struct err *err)
{
    int rc = target_check_names(target, wanted, err);
    rc = rc ? rc : check_place(target, wanted, err);
    return rc || !target->check ? rc : target->check(wanted, err);
}
