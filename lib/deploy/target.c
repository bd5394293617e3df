#include "deploy/target.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* In the order of help; the first of several kinds is the one that counts without --kind. */
static const struct deploy_target *const targets[] = {
    &target_envoy,   &target_wasmplugin,    &target_envoyfilter, &target_trafficextension,
    &target_higress, &target_envoy_gateway, &target_gloo,        &target_mosn,
    &target_apisix,  &target_kong,
};

static const char *const choices[] = {
    [CHOICE_NAMESPACE] = "--namespace",
    [CHOICE_CONFIG] = "--config",
    [CHOICE_ROOT_ID] = "--root-id",
    [CHOICE_PHASE] = "--phase",
    [CHOICE_PRIORITY] = "--priority",
    [CHOICE_SELECTOR] = "--selector",
    [CHOICE_TARGET] = "--target",
    [CHOICE_FAIL_OPEN] = "--fail-open",
    [CHOICE_FAIL_RELOAD] = "--fail-reload",
    [CHOICE_PULL_SECRET] = "--pull-secret",
    [CHOICE_PULL_POLICY] = "--pull-policy",
    [CHOICE_ENV] = "--env",
    [CHOICE_PLUGIN] = "--type",
    [CHOICE_CONTEXT] = "--patch-context",
    [CHOICE_TO] = "--to",
    [CHOICE_PORT] = "--port",
    [CHOICE_PART] = "--part",
};

const char *choice_name(enum deploy_choice choice)
{
    return choices[choice];
}

/* --- Finding --- */

const char *target_listed(size_t at)
{
    const char *last = "";
    for (size_t i = 0; i < COUNT(targets); i++) {
        bool again = strcmp(targets[i]->name, last) == 0;
        last = targets[i]->name;
        if (!again && at-- == 0)
            return last;
    }
    return NULL;
}

const char *target_kind_listed(size_t at)
{
    for (size_t i = 0; i < COUNT(targets); i++)
        if (targets[i]->kind && at-- == 0)
            return targets[i]->kind;
    return NULL;
}

static int no_target(const char *name, struct err *err)
{
    if (strcasecmp(name, "kgateway") == 0)
        return err_set(err, ERR_UNSUPPORTED,
                       "its API has no place for Wasm filters, so that nothing can be "
                       "written for it: deploy to envoy-gateway or istio, which have one");
    AUTO(buf_release) struct buf names = BUF_INIT(256);
    buf_add_names(&names, target_listed);
    return err_set(err, ERR_USAGE, "no target \"%.100s\": use one of %s", name, buf_text(&names));
}

int target_find(const char *name, const char *kind, const struct deploy_target **out,
                struct err *err)
{
    const struct deploy_target *named = NULL;
    for (size_t i = 0; i < COUNT(targets); i++) {
        if (strcmp(targets[i]->name, name) != 0)
            continue;
        named = targets[i];
        if (!kind || (named->kind && strcasecmp(named->kind, kind) == 0)) {
            *out = named;
            return 0;
        }
    }
    if (!named)
        return no_target(name, err);
    if (!named->kind)
        return err_set(err, ERR_USAGE, "--kind: %s has one kind of object: leave the option out",
                       name);
    AUTO(buf_release) struct buf names = BUF_INIT(256);
    buf_add_names(&names, target_kind_listed);
    return err_set(err, ERR_USAGE, "--kind: %s has no kind \"%.100s\": use one of %s", name, kind,
                   buf_text(&names));
}

const struct attach_kind *target_attach_kind(const struct deploy_target *target, const char *kind)
{
    for (const struct attach_kind *at = target->attach_kinds; at && at->kind; at++)
        if (strcasecmp(at->kind, kind) == 0)
            return at;
    return NULL;
}

void target_takers(enum deploy_choice choice, struct buf *out)
{
    const char *last = "";
    for (size_t i = 0; i < COUNT(targets); i++) {
        if (!(targets[i]->takes & 1U << choice) || strcmp(targets[i]->name, last) == 0)
            continue;
        buf_printf(out, "%s%s", *last ? ", " : "", targets[i]->name);
        last = targets[i]->name;
    }
}

/* --- Words --- */

static void add_name(const struct deployment *wanted, struct buf *out)
{
    buf_add_text(out, wanted->name);
}

static void add_space(const struct deployment *wanted, struct buf *out)
{
    if (wanted->space)
        buf_printf(out, " -n %s", wanted->space);
}

static void add_file(const struct deployment *wanted, struct buf *out)
{
    AUTO_FREE char *name = deploy_file_name(wanted);
    buf_add_text(out, name);
}

static void add_attached(const struct deployment *wanted, struct buf *out)
{
    const struct deploy_attach *one = wanted->attached;
    bool service = wanted->attach_count && strcmp(one->kind, "Service") == 0;
    buf_printf(out, "%s/%s", service ? "services" : "routes",
               wanted->attach_count ? one->name : "NAME");
}

/* The agent puts an RBAC filter in the place of a module that it cannot fetch. */
static void add_unfetched(const struct deployment *wanted, struct buf *out)
{
    if (wanted->failure != DEPLOY_FAIL_OPEN)
        buf_add_text(out, "; a filter that could not be fetched answers 403");
}

/* istio/istio, pilot/pkg/model: "extenstions" is how old versions write it, and new versions turn
 * a WasmPlugin into a TrafficExtension. */
static void add_resource(const struct deployment *wanted, struct buf *out)
{
    const char *kind = wanted->version >= 130   ? "extensions.istio.io/trafficextension"
                       : wanted->version >= 126 ? "extensions.istio.io/wasmplugin"
                                                : "extenstions.istio.io/wasmplugin";
    buf_printf(out, "%s/%s.%s", kind, wanted->space ? wanted->space : "NAMESPACE", wanted->name);
}

char *target_words(const char *sentence, const struct deployment *wanted)
{
    static const struct {
        const char *word;
        void (*add)(const struct deployment *wanted, struct buf *out);
    } words[] = {
        {"{name}", add_name},           {"{-n}", add_space},
        {"{file}", add_file},           {"{attached}", add_attached},
        {"{unfetched}", add_unfetched}, {"{resource}", add_resource},
    };
    AUTO(buf_release) struct buf out = BUF_INIT(4096);
    while (*sentence) {
        size_t at = 0;
        while (at < COUNT(words) && strncmp(sentence, words[at].word, strlen(words[at].word)) != 0)
            at++;
        if (at == COUNT(words)) {
            buf_add_char(&out, *sentence++);
            continue;
        }
        words[at].add(wanted, &out);
        sentence += strlen(words[at].word);
    }
    return buf_steal(&out);
}

const char *target_apply(const struct deploy_target *target, const struct deployment *wanted)
{
    bool standard = !wanted->part || strcmp(wanted->part, target->parts[0]) == 0;
    return standard || !target->apply_part ? target->apply : target->apply_part;
}
