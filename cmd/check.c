/* wasme check: whether gateways will load an image, and whether their proxies will run the module
 * in it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/check_print.h"
#include "cmd/check_pull.h"
#include "cmd/check_subject.h"
#include "cmd/settings.h"
#include "image/form.h"
#include "image/gateway_login.h"
#include "module/proxy.h"
#include "registry/host.h"
#include "registry/probe.h"

struct check_args {
    struct transfer_args transfer;
    struct option_list gateways;
    bool json;
    const char *store;
};

/* The module that a gateway takes out of a layer. The module is kept, since most gateways take the
 * same one. */
struct taken {
    bool done;
    size_t layer;
    bool faulty; /* the layer holds no module: `err` says why */
    struct err err;
    struct module module;
    struct pullable pullable;
};

static void taken_release(struct taken *taken)
{
    err_release(&taken->err);
    module_release(&taken->module);
    pullable_release(&taken->pullable);
    *taken = (struct taken){.done = false};
}

/* Forgets the module, and keeps what is known of a pull: another layer is next. */
static void taken_begin(struct taken *taken)
{
    struct pullable kept = taken->pullable;
    taken->pullable = (struct pullable){.done = false};
    taken_release(taken);
    taken->pullable = kept;
}

/* --- The next steps --- */

/* The commands that make an image of a form that the gateway loads. */
static char *advise_form(const struct subject *subject, const char *form)
{
    bool stored = subject->kind == SUBJECT_STORED;
    const char *ref = stored ? settings_in_store(subject->text) : subject->text;
    /* Another form has another digest: a reference with a digest cannot name the new image. */
    bool pinned = subject->ref.digest.text[0];
    AUTO_FREE char *pull = stored ? mem_dup("") : mem_printf("wasme pull %s, ", ref);
    return mem_printf("%swasme convert %s --to %s%s%s, wasme push %s", pull, ref, form,
                      strcmp(form, "oci") == 0 ? " (or compat)" : "",
                      pinned ? " --tag NAME:TAG" : "", pinned ? "NAME:TAG" : ref);
}

/* --- The module --- */

static void refuse_module(const struct err *err, struct answer *answer)
{
    answer->state = ANSWER_REFUSES;
    answer->because = mem_dup(err_text(err));
    answer->next = mem_dup("build the filter again, as a WebAssembly module");
}

/* The proxy behind each gateway; wkg has none, and nobody asks. */
static const enum proxy proxies[GATEWAY_COUNT] = {
    [GATEWAY_ISTIO] = PROXY_ENVOY,
    [GATEWAY_ENVOY_GATEWAY] = PROXY_ENVOY,
    [GATEWAY_HIGRESS] = PROXY_HIGRESS,
};

static void judge_module(const struct module *module, struct answer *answer)
{
    AUTO(proxy_verdict_release) struct proxy_verdict verdict = {0};
    proxy_judge(proxies[answer->gateway], module, &verdict);
    answer->abi = verdict.abi;
    answer->note = STEAL(verdict.note);
    if (verdict.loads)
        return;
    answer->state = ANSWER_REFUSES;
    answer->because = STEAL(verdict.because);
    answer->next = STEAL(verdict.next);
}

static int read_module(int fd, const char *shown, struct taken *taken, struct err *err)
{
    int rc = module_read(fd, shown, &taken->module, &taken->err);
    taken->done = rc == 0 || rc == ERR_DAMAGED;
    taken->faulty = rc == ERR_DAMAGED;
    return taken->done ? 0 : err_move(err, &taken->err);
}

/* Reads the module of the layer that the gateway takes. */
static int take_module(const struct gateway_image *image, const struct gateway_verdict *verdict,
                       struct taken *taken, struct err *err)
{
    if (taken->done && taken->layer == verdict->layer)
        return 0;
    taken_begin(taken);
    AUTO_CLOSE int wasm = -1;
    AUTO(gateway_module_release) struct gateway_module module = {0};
    int rc = subject_scratch(&wasm, err);
    if (!rc)
        rc = gateway_take(image, verdict, wasm, &module, err);
    if (!rc)
        rc = read_module(wasm, module.place, taken, err);
    taken->layer = verdict->layer;
    return rc;
}

/* --- An image --- */

static void take_gateway_verdict(const struct subject *subject, struct gateway_verdict *verdict,
                                 struct answer *answer)
{
    answer->state = verdict->loads ? ANSWER_LOADS : ANSWER_REFUSES;
    answer->sha256 = verdict->sha256;
    answer->wasm = verdict->wasm;
    if (verdict->loads) {
        answer->picks = STEAL(verdict->picks);
        return;
    }
    answer->because = STEAL(verdict->because);
    answer->next = verdict->form ? advise_form(subject, verdict->form) : mem_dup(verdict->next);
}

/* Refuses an image that no other form would help: an image without a wasm, or with a wasm that is
 * no module. wkg takes components. */
static int refuse_hopeless(struct subject *subject, struct taken *taken, struct answer *answer,
                           struct err *err)
{
    /* wkg decides by the manifest alone. */
    bool by_manifest = answer->gateway == GATEWAY_WKG &&
                       form_find(&subject->manifest, &(struct form_found){0}, ERR_IGNORED) == 0;
    int rc = by_manifest ? 0 : pullable_find(subject, &taken->pullable, err);
    bool no_module = taken->pullable.fault.code && answer->gateway != GATEWAY_WKG;
    if (rc || (!taken->pullable.nothing && !no_module))
        return rc;
    free(answer->because);
    free(answer->next);
    answer->next = NULL;
    if (no_module) {
        refuse_module(&taken->pullable.fault, answer);
        return 0;
    }
    answer->because = mem_dup(taken->pullable.nothing);
    answer->next = mem_dup("push the filter as an image of its own: wasme build, wasme push");
    return 0;
}

/* Refuses an image that the gateway cannot log in for, as far as this run has seen a login. */
static int judge_login(struct subject *subject, struct answer *answer, struct err *err)
{
    AUTO(probe_answer_release) struct probe_answer version = {0};
    struct registry *registry = subject->transfer.registry;
    const char *server = subject->ref.registry;
    const char *realm = subject->kind == SUBJECT_REMOTE ? probe_realm(registry, server) : NULL;
    if (!realm || answer->state != ANSWER_LOADS)
        return 0;
    int rc = probe_version(registry, server, NULL, &version, err);
    if (rc)
        return rc;
    const struct gateway_login login = {
        .registry = server,
        .plain_http = probe_host(registry, server)->http,
        .realm = realm,
        .open_at_first = version.status == 200 && !*version.challenges,
    };
    char *fault = gateway_login_fault(answer->gateway, &login);
    if (!fault)
        return 0;
    answer->state = ANSWER_REFUSES;
    answer->because = fault;
    answer->next = mem_dup("push the image to a registry that the gateway can log in to");
    return 0;
}

static void refuse_index(struct answer *answer)
{
    answer->state = ANSWER_REFUSES;
    answer->because = mem_dup("the reference names an index without an image for " PLATFORM_DEFAULT
                              ", the only one that is looked for");
    answer->next = mem_dup("fetch the image with wasme pull --platform, and push it");
}

static int judge_image(struct subject *subject, struct taken *taken, struct answer *answer,
                       struct err *err)
{
    AUTO(gateway_verdict_release) struct gateway_verdict verdict = {0};
    const struct gateway_image image = {
        .ref = subject->text,
        .manifest = &subject->manifest,
        .digest = &subject->digest,
        .open_layer = subject_open_layer,
        .arg = subject,
        .steps = subject->steps,
        .step_count = subject->step_count,
    };
    if (subject->empty) {
        refuse_index(answer);
        return 0;
    }
    int rc = gateway_check(answer->gateway, &image, &verdict, err);
    if (!rc && verdict.looked)
        rc = take_module(&image, &verdict, taken, err);
    if (rc)
        return rc;
    bool looked = verdict.looked;
    bool convertible = !verdict.loads && verdict.form;
    take_gateway_verdict(subject, &verdict, answer);
    if (convertible)
        return refuse_hopeless(subject, taken, answer, err);
    if (looked && taken->faulty)
        refuse_module(&taken->err, answer);
    else if (looked)
        judge_module(&taken->module, answer);
    return judge_login(subject, answer, err);
}

/* Judges the image. A layer that could not be fetched or read makes this answer unknown, and says
 * nothing of the other gateways. */
static int answer_image(struct subject *subject, struct taken *taken, struct answer *answer,
                        struct err *err)
{
    int rc = judge_image(subject, taken, answer, err);
    if (rc == ERR_INTERRUPTED)
        return rc;
    if (rc) {
        answer->state = ANSWER_UNKNOWN;
        answer->because = mem_dup(err_text(err));
        err_release(err);
    }
    return 0;
}

/* --- A file --- */

static int answer_file(const struct subject *subject, struct taken *taken, struct answer *answer,
                       struct err *err)
{
    int rc = taken->done ? 0 : read_module(subject->file, subject->text, taken, err);
    if (rc)
        return rc;
    if (taken->faulty)
        refuse_module(&taken->err, answer);
    else
        judge_module(&taken->module, answer);
    if (answer->state == ANSWER_LOADS)
        answer->picks = mem_dup("the module");
    return 0;
}

/* --- The command --- */

/* Marks the gateways that --gateway names; without --gateway, all of them. */
static int read_gateways(const struct check_args *args, bool *wanted, struct err *err)
{
    for (size_t i = 0; i < GATEWAY_COUNT; i++)
        wanted[i] = !args->gateways.count;
    for (size_t i = 0; i < args->gateways.count; i++) {
        enum gateway gateway;
        int rc = gateway_parse(args->gateways.items[i], &gateway, err);
        if (rc)
            return err_wrap(err, "--gateway");
        wanted[gateway] = true;
    }
    return 0;
}

/* Takes wkg out of the gateways for a file: wkg looks at the manifest of an image, never at a
 * module. */
static int drop_wkg(const struct subject *subject, const struct check_args *args, bool *wanted,
                    struct err *err)
{
    if (subject->kind != SUBJECT_FILE)
        return 0;
    if (args->gateways.count && wanted[GATEWAY_WKG])
        return err_set(err, ERR_USAGE,
                       "check: %s is a file, and wkg looks at images alone: name an image",
                       subject->text);
    wanted[GATEWAY_WKG] = false;
    return 0;
}

/* The result of the command. No image suits wkg and the other gateways too; therefore the answer of
 * wkg counts only where --gateway names wkg. */
static int conclude(const struct subject *subject, const struct check_args *args,
                    const struct answer *answers, size_t count, struct err *err)
{
    size_t refuse = 0, unknown = 0, counted = 0;
    for (size_t i = 0; i < count; i++) {
        if (answers[i].gateway == GATEWAY_WKG && !args->gateways.count)
            continue;
        counted++;
        refuse += answers[i].state == ANSWER_REFUSES;
        unknown += answers[i].state == ANSWER_UNKNOWN;
    }
    if (refuse)
        return err_set(err, ERR_FAILED, "check: %s: %zu of %zu gateways will not load it",
                       subject->text, refuse, counted);
    if (unknown)
        return err_set(err, ERR_FAILED, "check: %s: the answer of %zu of %zu gateways is not known",
                       subject->text, unknown, counted);
    return 0;
}

static int answer_all(struct subject *subject, const bool *wanted, struct answer *answers,
                      size_t *count, struct err *err)
{
    AUTO(taken_release) struct taken taken = {.done = false};
    int rc = 0;
    for (size_t i = 0; !rc && i < GATEWAY_COUNT; i++) {
        if (!wanted[i])
            continue;
        struct answer *answer = &answers[(*count)++];
        answer->gateway = (enum gateway)i;
        rc = subject->kind == SUBJECT_FILE ? answer_file(subject, &taken, answer, err)
                                           : answer_image(subject, &taken, answer, err);
    }
    return rc;
}

static int check(const struct cli *cli, void *opaque, struct err *err)
{
    const struct check_args *args = opaque;
    AUTO(subject_release) struct subject subject = SUBJECT_INIT;
    struct answer answers[GATEWAY_COUNT] = {0};
    bool wanted[GATEWAY_COUNT];
    size_t count = 0;
    int rc = read_gateways(args, wanted, err);
    if (rc)
        return rc;
    rc = subject_open(&subject, cli->args[0], &args->transfer, args->store, err);
    if (rc)
        return ref_holds_login(cli->args[0]) ? rc : err_wrap(err, "check %s", cli->args[0]);
    rc = drop_wkg(&subject, args, wanted, err);
    if (!rc)
        rc = answer_all(&subject, wanted, answers, &count, err);
    if (!rc && args->json)
        rc = answers_print_json(&subject, answers, count, err);
    else if (!rc)
        answers_print(&subject, answers, count);
    if (!rc)
        rc = conclude(&subject, args, answers, count, err);
    for (size_t i = 0; i < count; i++)
        answer_release(&answers[i]);
    return rc;
}

static const struct option options[] = {
    OPT_LIST(struct check_args, gateways, 0, "gateway", "NAME", COMPLETE_NONE,
             "ask the gateway NAME", .values = gateway_listed, .otherwise = "all"),
    OPT_FLAG(struct check_args, json, 0, "json", "print JSON instead of lines"),
    TRANSFER_OPTIONS(struct check_args),
    STORE_OPTION(struct check_args, store),
    OPT_END,
};

extern const struct command check_command;
const struct command check_command = {
    .name = "check",
    .summary = "say whether gateways will load an image, and why not",
    .details = "Where a file of that name exists, its module alone is checked.",
    .example = "wasme check harbor.example/base/filter:v1",
    .positionals =
        POSITIONALS({.name = "REF|FILE",
                     .help = "an image of a registry, store:REF of the local store, or a file",
                     .complete = COMPLETE_REF_OR_FILE}),
    .options = options,
    .args_size = sizeof(struct check_args),
    .run = check,
};
