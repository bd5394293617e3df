#include "cmd/deploy_args.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/filter_words.h"
#include "deploy/envoy.h"

void deploy_plan_release(struct deploy_plan *plan)
{
    free(plan->name);
    buf_release(&plan->config);
    json_doc_free_at(&plan->json);
    for (size_t i = 0; i < plan->word_count; i++)
        free(plan->words[i]);
    free(plan->words);
    free(plan->labels);
    free(plan->attached);
    free(plan->env);
    free(plan->spaces);
}

/* Keeps the text for as long as the plan. */
static char *keep(struct deploy_plan *plan, char *text)
{
    plan->words = mem_resize(plan->words, plan->word_count + 1, sizeof(*plan->words));
    plan->words[plan->word_count++] = text;
    return text;
}

/* --- Closed sets of values --- */

static const char *const types[] = {[DEPLOY_HTTP] = "http", [DEPLOY_NETWORK] = "network"};
static const char *const contexts[] = {[DEPLOY_ANY] = "any",
                                       [DEPLOY_INBOUND] = "inbound",
                                       [DEPLOY_OUTBOUND] = "outbound",
                                       [DEPLOY_GATEWAY] = "gateway"};
static const char *const pulls[] = {"if-not-present", "always"};

const char *deploy_type_listed(size_t at)
{
    return at < COUNT(types) ? types[at] : NULL;
}

const char *deploy_context_listed(size_t at)
{
    return at < COUNT(contexts) ? contexts[at] : NULL;
}

const char *deploy_pull_listed(size_t at)
{
    return at < COUNT(pulls) ? pulls[at] : NULL;
}

/* The number of the value in its list; the parser of options has refused others. NULL is 0. */
static size_t number_of(const char *value, const char *(*listed)(size_t at))
{
    size_t at = 0;
    while (value && listed(at) && strcmp(listed(at), value) != 0)
        at++;
    return at;
}

/* --- Names --- */

static int read_name(const struct object_args *args, const char *subject, struct deploy_plan *plan,
                     struct err *err)
{
    if (args->name && args->id && strcmp(args->name, args->id) != 0)
        return err_set(err, ERR_USAGE, "--name and --id mean the same: give one of them");
    const char *given = args->name ? args->name : args->id;
    if (!given && (!subject || !*subject))
        return err_set(err, ERR_USAGE, "REF|FILE or --name is missing");
    plan->name = given ? mem_dup(given) : filter_name(subject);
    plan->wanted.name = plan->name;
    return 0;
}

static int add_space(struct deploy_plan *plan, const char *space, struct err *err)
{
    for (size_t i = 0; i < plan->space_count; i++)
        if (strcmp(plan->spaces[i], space) == 0)
            return err_set(err, ERR_USAGE, "--namespace: \"%.100s\" is named twice", space);
    plan->spaces = mem_resize(plan->spaces, plan->space_count + 1, sizeof(*plan->spaces));
    plan->spaces[plan->space_count++] = space;
    return 0;
}

static int read_spaces(const struct object_args *args, struct deploy_plan *plan, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < args->spaces.count; i++)
        rc = add_space(plan, args->spaces.items[i], err);
    for (size_t i = 0; !rc && i < args->more_spaces.count; i++) {
        char *list = keep(plan, mem_dup(args->more_spaces.items[i])), *rest = NULL;
        char *one = strtok_r(list, ",", &rest);
        if (!one)
            return err_set(err, ERR_USAGE, "--namespaces: there is no namespace in it");
        for (; !rc && one; one = strtok_r(NULL, ",", &rest))
            rc = add_space(plan, one, err);
    }
    if (plan->space_count)
        plan->given |= CHOICE(NAMESPACE);
    else
        rc = rc ? rc : add_space(plan, plan->target->space, err);
    plan->wanted.space = plan->spaces[0];
    return rc;
}

int object_args_read(const struct object_args *args, const char *target, const char *subject,
                     struct deploy_plan *plan, struct err *err)
{
    int rc = target_find(target, args->kind, &plan->target, err);
    if (!rc && plan->target != &target_gloo && args->enterprise)
        rc = err_set(err, ERR_USAGE, "--enterprise: that is a word for gloo alone");
    if (!rc)
        rc = read_name(args, subject, plan, err);
    return rc ? rc : read_spaces(args, plan, err);
}

/* --- The configuration --- */

/* A text that begins as JSON does has to be JSON: a slip would otherwise reach the filter. */
static int read_config(const char *given, struct deploy_plan *plan, struct err *err)
{
    int rc = given ? filter_config_read(given, "--config", &plan->config, err) : 0;
    if (rc || !given)
        return rc;
    plan->given |= CHOICE(CONFIG);
    const char *text = buf_text(&plan->config);
    plan->wanted.config = text;
    struct err why AUTO(err_release) = ERR_INIT;
    rc = json_doc_parse(text, plan->config.len, &plan->json, &why);
    const char *first = text + strspn(text, " \t\r\n");
    if (rc && json_doc_overflows(text, plan->config.len))
        return target_check_overflow(plan->target, err);
    if (rc && (*first == '{' || *first == '['))
        return err_set(err, ERR_USAGE,
                       "--config: %s (a text that begins with \"%c\" has to be JSON)",
                       err_text(&why), *first);
    plan->wanted.config_json = plan->json;
    return 0;
}

/* --- Lists --- */

/* Splits "KEY=VALUE". */
static int add_label(struct deploy_plan *plan, const char *option, const char *text,
                     struct err *err)
{
    const char *equals = strchr(text, '=');
    if (!equals || equals == text)
        return err_set(err, ERR_USAGE, "%s \"%.200s\": write it as KEY=VALUE", option, text);
    size_t count = plan->wanted.label_count++;
    plan->labels = mem_resize(plan->labels, count + 1, sizeof(*plan->labels));
    plan->labels[count] = (struct deploy_label){
        keep(plan, mem_dup_n(text, (size_t)(equals - text))),
        equals + 1,
    };
    for (size_t i = 0; i < count; i++)
        if (strcmp(plan->labels[i].key, plan->labels[count].key) == 0)
            return err_set(err, ERR_USAGE, "%s: the label \"%s\" is named twice", option,
                           plan->labels[count].key);
    plan->wanted.labels = plan->labels;
    plan->given |= CHOICE(SELECTOR);
    return 0;
}

/* Several labels may stand in one word, with commas between them. */
static int add_labels(struct deploy_plan *plan, const char *option, const struct option_list *list,
                      struct err *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < list->count; i++) {
        char *words = keep(plan, mem_dup(list->items[i])), *rest = NULL;
        char *one = strtok_r(words, ",", &rest);
        if (!one)
            return err_set(err, ERR_USAGE, "%s: there is no label in it", option);
        for (; !rc && one; one = strtok_r(NULL, ",", &rest))
            rc = add_label(plan, option, one, err);
    }
    return rc;
}

static int no_kind(const struct deploy_target *target, const char *text, struct err *err)
{
    AUTO(buf_release) struct buf kinds = BUF_INIT(512);
    for (const struct attach_kind *at = target->attach_kinds; at->kind; at++)
        if (!at->why_idle)
            buf_printf(&kinds, "%s%s", kinds.len ? ", " : "", at->kind);
    return err_set(err, ERR_USAGE,
                   "--target \"%.200s\": write it as KIND/NAME; %s is attached to %s", text,
                   target->title, buf_text(&kinds));
}

static int add_attached(struct deploy_plan *plan, const char *text, struct err *err)
{
    const char *slash = strchr(text, '/');
    plan->given |= CHOICE(TARGET);
    if (!plan->target->attach_kinds)
        return 0; /* target_check() refuses the option */
    AUTO_FREE char *kind = mem_dup_n(text, slash ? (size_t)(slash - text) : 0);
    const struct attach_kind *found = target_attach_kind(plan->target, kind);
    if (!slash || !found || !slash[1])
        return no_kind(plan->target, text, err);
    size_t count = plan->wanted.attach_count++;
    plan->attached = mem_resize(plan->attached, count + 1, sizeof(*plan->attached));
    plan->attached[count] = (struct deploy_attach){found->group, found->kind, slash + 1};
    plan->wanted.attached = plan->attached;
    return 0;
}

static void add_env(struct deploy_plan *plan, const char *text)
{
    const char *equals = strchr(text, '=');
    size_t count = plan->wanted.env_count++;
    plan->env = mem_resize(plan->env, count + 1, sizeof(*plan->env));
    plan->env[count] = (struct deploy_env){
        equals ? keep(plan, mem_dup_n(text, (size_t)(equals - text))) : text,
        equals ? equals + 1 : NULL,
    };
    plan->wanted.env = plan->env;
    plan->given |= CHOICE(ENV);
}

static int read_lists(const struct filter_args *args, struct deploy_plan *plan, struct err *err)
{
    int rc = add_labels(plan, "--selector", &args->selectors, err);
    if (!rc)
        rc = add_labels(plan, "--labels", &args->labels, err);
    for (size_t i = 0; !rc && i < args->targets.count; i++)
        rc = add_attached(plan, args->targets.items[i], err);
    for (size_t i = 0; i < args->env.count; i++)
        add_env(plan, args->env.items[i]);
    return rc;
}

/* --- The rest --- */

static int read_priority(const char *text, struct deploy_plan *plan, struct err *err)
{
    char *end = NULL;
    if (!text)
        return 0;
    errno = 0;
    long number = strtol(text, &end, 10);
    bool digits = text[strspn(text, "-0123456789")] == '\0';
    if (errno || !*text || *end || !digits || number < INT_MIN || number > INT_MAX)
        return err_set(err, ERR_USAGE, "--priority \"%.100s\": it is a whole number of 32 bits",
                       text);
    plan->wanted.has_priority = true;
    plan->wanted.priority = (int)number;
    plan->given |= CHOICE(PRIORITY);
    return 0;
}

static int read_failure(const struct filter_args *args, struct deploy_plan *plan, struct err *err)
{
    if (args->fail_open && args->fail_reload)
        return err_set(err, ERR_USAGE, "--fail-open and --fail-reload: give one of them");
    plan->given |= args->fail_open ? CHOICE(FAIL_OPEN) : 0;
    plan->given |= args->fail_reload ? CHOICE(FAIL_RELOAD) : 0;
    plan->wanted.failure = args->fail_open     ? DEPLOY_FAIL_OPEN
                           : args->fail_reload ? DEPLOY_FAIL_RELOAD
                                               : DEPLOY_FAIL_CLOSED;
    return 0;
}

static int read_upstream(const struct filter_args *args, struct deploy_plan *plan, struct err *err)
{
    char *owned = NULL;
    if (!args->to)
        return 0;
    int rc = envoy_server_of_url(args->to, &plan->upstream, &owned, err);
    if (rc)
        return err_wrap(err, "--to");
    keep(plan, owned);
    plan->upstream.name = "upstream";
    plan->wanted.upstream = &plan->upstream;
    plan->given |= CHOICE(TO);
    return 0;
}

static void read_words(const struct filter_args *args, struct deploy_plan *plan)
{
    struct deployment *wanted = &plan->wanted;
    wanted->root_id = args->root_id && *args->root_id ? args->root_id : NULL;
    wanted->phase = args->phase;
    wanted->pull_secret = args->pull_secret;
    wanted->pull = args->pull_policy
                       ? (enum deploy_pull)(number_of(args->pull_policy, deploy_pull_listed) + 1)
                       : DEPLOY_PULL_DEFAULT;
    wanted->plugin = (enum deploy_plugin)number_of(args->type, deploy_type_listed);
    wanted->context = (enum deploy_context)number_of(args->context, deploy_context_listed);
    wanted->port = args->port ? args->port : plan->target == &target_gloo ? 8080 : 10000;
    wanted->part = args->part ? args->part : plan->target->parts ? plan->target->parts[0] : NULL;
    plan->given |= (args->root_id ? CHOICE(ROOT_ID) : 0) | (args->phase ? CHOICE(PHASE) : 0) |
                   (args->pull_secret ? CHOICE(PULL_SECRET) : 0) |
                   (args->pull_policy ? CHOICE(PULL_POLICY) : 0) |
                   (wanted->plugin != DEPLOY_HTTP ? CHOICE(PLUGIN) : 0) |
                   (args->context ? CHOICE(CONTEXT) : 0) | (args->port ? CHOICE(PORT) : 0) |
                   (args->part ? CHOICE(PART) : 0);
}

int filter_args_read(const struct filter_args *args, struct deploy_plan *plan, struct err *err)
{
    read_words(args, plan);
    int rc = read_config(args->config, plan, err);
    rc = rc ? rc : read_lists(args, plan, err);
    rc = rc ? rc : read_priority(args->priority, plan, err);
    rc = rc ? rc : read_failure(args, plan, err);
    return rc ? rc : read_upstream(args, plan, err);
}
