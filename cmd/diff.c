/* wasme diff: the differences between two images, or .wasm files. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/visible.h"
#include "cmd/diff_print.h"
#include "cmd/growth.h"
#include "cmd/settings.h"

struct diff_args {
    bool json;
    struct option_list rules;
    const char *max_growth;
    const char *store;
};

enum { WORDS_MAX = 64 * 1024, NAMES_SHOWN = 3 };

/* --- Rules --- */

/* Adds "env.a, env.b and 3 more": the imports that are new, or the callbacks that are lost. */
static void add_named(struct buf *out, const struct differences *list, bool callbacks, size_t count)
{
    size_t named = 0;
    for (size_t i = 0; i < list->count && named < NAMES_SHOWN; i++) {
        const struct difference *one = &list->items[i];
        bool counts = callbacks ? one->callback && one->change != CHANGE_ADDED
                                : one->change != CHANGE_REMOVED;
        if (!counts)
            continue;
        buf_add_text(out, named++ ? ", " : " ");
        if (one->module)
            buf_printf(out, "%s.", one->module);
        buf_add_text(out, one->name);
    }
    if (count > named)
        buf_printf(out, " and %zu more", count - named);
}

static bool break_imports(const struct diff *diff, struct buf *why)
{
    size_t count = diff_new_imports(diff);
    if (!count)
        return false;
    buf_printf(why, "%zu import%s more, or of another type:", count, count == 1 ? "" : "s");
    add_named(why, &diff->imports, false, count);
    return true;
}

static bool break_callbacks(const struct diff *diff, struct buf *why)
{
    size_t count = diff_lost_callbacks(diff);
    if (!count)
        return false;
    buf_printf(why, "%zu callback%s lost, or of another type:", count, count == 1 ? "" : "s");
    add_named(why, &diff->exports, true, count);
    return true;
}

static bool break_abi(const struct diff *diff, struct buf *why)
{
    buf_add_text(why, "another ABI");
    return diff_fact_differs(diff, FACT_ABI);
}

static bool break_features(const struct diff *diff, struct buf *why)
{
    const struct fact *features = &diff->facts_after.of[FACT_FEATURES];
    bool more = false;
    buf_add_text(why, "more features:");
    for (size_t i = 0; i < features->count; i++) {
        if (fact_holds(&diff->facts_before.of[FACT_FEATURES], features->items[i]))
            continue;
        buf_printf(why, "%s %s", more ? "," : "", features->items[i]);
        more = true;
    }
    return more;
}

static bool break_config(const struct diff *diff, struct buf *why)
{
    buf_add_text(why, "another runtime config");
    return diff_fact_differs(diff, FACT_TYPE) || diff_fact_differs(diff, FACT_CONFIG_ABI) ||
           diff_fact_differs(diff, FACT_ROOT_IDS);
}

static bool break_any(const struct diff *diff, struct buf *why)
{
    buf_add_text(why, "the two differ");
    return !diff_is_empty(diff);
}

/* Each rule adds words, which count when the rule is broken. */
static const struct {
    const char *name;
    bool (*is_broken)(const struct diff *diff, struct buf *why);
} rules[] = {
    {"imports", break_imports},   {"callbacks", break_callbacks}, {"abi", break_abi},
    {"features", break_features}, {"config", break_config},       {"any", break_any},
};

static const char *rule_listed(size_t at)
{
    return at < COUNT(rules) ? rules[at].name : NULL;
}

static void add_broken(struct buf *all, const char *why, const char *option, const char *value)
{
    buf_printf(all, "%s%s (%s %s)", all->len ? "; " : "", why, option, value);
}

static void judge_rule(const struct diff *diff, const char *name, struct buf *all)
{
    AUTO(buf_release) struct buf why = BUF_INIT(WORDS_MAX);
    for (size_t i = 0; i < COUNT(rules); i++) {
        if (strcmp(rules[i].name, name) == 0 && rules[i].is_broken(diff, &why))
            add_broken(all, buf_text(&why), "--fail-on", name);
    }
}

static void judge_size(const struct diff *diff, const struct diff_args *args,
                       const struct growth *growth, struct buf *all)
{
    long long before = diff->before->size, after = diff->after->size;
    char percent[32];
    if (!args->max_growth || growth_allows(growth, before, after))
        return;
    diff_percent(before, after, percent);
    AUTO_FREE char *why = mem_printf("%+lld bytes, %s", after - before, percent);
    add_broken(all, why, "--max-growth", args->max_growth);
}

static int judge(const struct cli *cli, const struct diff *diff, const struct diff_args *args,
                 const struct growth *growth, struct err *err)
{
    AUTO(buf_release) struct buf all = BUF_INIT(WORDS_MAX);
    AUTO(buf_release) struct buf shown = BUF_INIT(WORDS_MAX);
    for (size_t i = 0; i < args->rules.count; i++)
        judge_rule(diff, args->rules.items[i], &all);
    judge_size(diff, args, growth, &all);
    visible_add(&shown, buf_text(&all), false);
    if (!shown.len)
        return 0;
    return err_set(err, ERR_FAILED, "diff %s %s: %s", cli->args[0], cli->args[1], buf_text(&shown));
}

/* --- The command --- */

static int open_verified(const char *text, const char *store, struct inspected *out,
                         struct err *err)
{
    int rc = inspected_open(text, store, out, err);
    return rc ? rc : inspected_verify(out, err);
}

static int run_diff(const struct cli *cli, void *opaque, struct err *err)
{
    const struct diff_args *args = opaque;
    AUTO(inspected_release) struct inspected before = {0};
    AUTO(inspected_release) struct inspected after = {0};
    AUTO(diff_release) struct diff diff = {0};
    struct growth growth = {0};
    int rc = args->max_growth ? growth_parse(args->max_growth, &growth, err) : 0;
    if (!rc)
        rc = open_verified(cli->args[0], args->store, &before, err);
    if (!rc)
        rc = open_verified(cli->args[1], args->store, &after, err);
    if (rc)
        return rc;
    diff_find(&before, &after, &diff);
    if (args->json)
        rc = diff_print_json(&diff, err);
    else
        diff_print(&diff);
    return rc ? rc : judge(cli, &diff, args, &growth, err);
}

static const struct option options[] = {
    OPT_LIST(struct diff_args, rules, 0, "fail-on", "RULE", COMPLETE_NONE,
             "fail when RULE finds a difference", .values = rule_listed),
    OPT_TEXT(struct diff_args, max_growth, 0, "max-growth", "SIZE", COMPLETE_NONE,
             "fail when the wasm grew by more than SIZE, or by more than N%"),
    OPT_FLAG(struct diff_args, json, 0, "json", "print JSON"),
    STORE_OPTION(struct diff_args, store),
    OPT_END,
};

extern const struct command diff_command;
const struct command diff_command = {
    .name = "diff",
    .summary = "show the differences between two images or .wasm files",
    .details = "Where a file of that name exists, the file is read, and not an image.",
    .example = "wasme diff harbor.example/base/filter:v0 harbor.example/base/filter:v1",
    .positionals = POSITIONALS({.name = "BEFORE",
                                .help = "an image of the local store, or a file",
                                .complete = COMPLETE_REF_OR_FILE},
                               {.name = "AFTER",
                                .help = "the image or file to compare with it",
                                .complete = COMPLETE_REF_OR_FILE}),
    .options = options,
    .args_size = sizeof(struct diff_args),
    .run = run_diff,
};
