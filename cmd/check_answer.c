#include "cmd/check_answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/visible.h"
#include "cmd/settings.h"
#include "image/form.h"
#include "image/gateway_login.h"
#include "registry/host.h"
#include "registry/probe.h"
#include "toolchain/remedy.h"

void answer_release(struct answer *answer)
{
    free(answer->picks);
    free(answer->abi);
    free(answer->because);
    free(answer->quote);
    free(answer->next);
    for (size_t i = 0; i < answer->note_count; i++)
        free(answer->notes[i]);
    free(answer->notes);
}

void answer_wasm_release(struct answer_wasm *wasm)
{
    wasm_release(&wasm->pulled);
    wasm_release(&wasm->taken);
}

static void add_note(struct answer *answer, char *note)
{
    answer->notes = mem_resize(answer->notes, answer->note_count + 1, sizeof(*answer->notes));
    answer->notes[answer->note_count++] = note;
}

/* Replaces what the answer says against the subject. */
static void refuse(struct answer *answer, char *because, char *next)
{
    answer->state = ANSWER_REFUSES;
    free(answer->because);
    free(answer->next);
    answer->because = because;
    answer->next = next;
}

/* --- The module --- */

/* Refuses what is no module, or a damaged one. The limits and the strictness are those of V8;
 * another engine may take what has a small fault. */
static void refuse_module(const struct wasm *wasm, struct answer *answer)
{
    refuse(answer, mem_dup(err_text(&wasm->fault)),
           mem_dup("build the filter again, as a WebAssembly module"));
    if (wasm->core && answer->host.host && !host_has_v8(&answer->host))
        answer->state = ANSWER_UNKNOWN;
}

static void take_host_verdict(struct host_verdict *verdict, struct answer *answer)
{
    static const enum answer_state states[] = {[HOST_LOADS] = ANSWER_LOADS,
                                               [HOST_REFUSES] = ANSWER_REFUSES,
                                               [HOST_UNKNOWN] = ANSWER_UNKNOWN};
    answer->state = states[verdict->answer];
    answer->abi = STEAL(verdict->abi);
    answer->because = STEAL(verdict->because);
    answer->quote = STEAL(verdict->quote);
    answer->next = STEAL(verdict->next);
    answer->notes = STEAL(verdict->notes);
    answer->note_count = verdict->note_count;
    verdict->note_count = 0;
    if (answer->named && host_note(&answer->host))
        add_note(answer, mem_printf("%s %s: %s", host_title(&answer->host),
                                    host_version_name(&answer->host), host_note(&answer->host)));
}

static int judge(struct wasm *wasm, struct answer *answer, struct err *err)
{
    AUTO(host_verdict_release) struct host_verdict verdict = {0};
    if (wasm->fault.code) {
        refuse_module(wasm, answer);
        return 0;
    }
    const struct validation *validation = NULL;
    int rc = wasm_validate(wasm, &validation, err);
    if (!rc)
        rc = host_judge(&answer->host, wasm->fd, &wasm->module, validation, &verdict, err);
    if (!rc)
        remedy_apply(NULL, wasm->fd, &wasm->module, &verdict);
    if (!rc)
        take_host_verdict(&verdict, answer);
    return rc;
}

/* --- The image --- */

static void add_option(struct buf *out, const char *option, const char *value)
{
    if (!value)
        return;
    buf_printf(out, " %s ", option);
    visible_quote(out, value);
}

/* The options of this command by which the registry is reached, but for a login's. */
static void add_reach(const struct transfer_args *args, struct buf *out)
{
    for (size_t i = 0; i < args->credentials.count; i++)
        add_option(out, "--config", args->credentials.items[i]);
    buf_add_text(out, args->reach.insecure ? " --insecure" : "");
    buf_add_text(out, args->reach.plain_http ? " --plain-http" : "");
    add_option(out, "--ca-file", args->reach.ca_file);
}

/* The commands that make an image of a form that the gateway loads. */
static char *advise_form(const struct subject *subject, const char *form)
{
    AUTO(buf_release) struct buf reach = BUF_INIT(8192), store = BUF_INIT(8192);
    bool stored = subject->kind == SUBJECT_STORED;
    const char *ref = subject_ref(subject);
    /* Another form has another digest: a reference with a digest cannot name the new image. */
    bool pinned = subject->ref.digest.text[0];
    add_reach(subject->place->args, &reach);
    add_option(&store, "--store", subject->place->store);
    AUTO_FREE char *pull =
        stored ? mem_dup("")
               : mem_printf("wasme pull %s%s%s && ", ref, buf_text(&store), buf_text(&reach));
    return mem_printf("%swasme convert %s --to %s%s%s && wasme push %s%s%s", pull, ref, form,
                      pinned ? " --tag NAME:TAG" : "", buf_text(&store), pinned ? "NAME:TAG" : ref,
                      buf_text(&store), buf_text(&reach));
}

static void take_gateway_verdict(const struct subject *subject, struct gateway_verdict *verdict,
                                 struct answer *answer)
{
    answer->state = verdict->loads    ? ANSWER_LOADS
                    : verdict->unsure ? ANSWER_UNKNOWN
                                      : ANSWER_REFUSES;
    answer->sha256 = verdict->sha256;
    answer->wasm = verdict->wasm;
    if (verdict->loads) {
        answer->picks = STEAL(verdict->picks);
        return;
    }
    answer->because = STEAL(verdict->because);
    answer->next = verdict->form ? advise_form(subject, verdict->form) : mem_dup(verdict->next);
}

/* Adds to a refusal of the image's form that the module would be refused, too. */
static int add_module_fault(struct wasm *wasm, struct answer *answer, struct err *err)
{
    struct answer module = {.host = answer->host};
    int rc = judge(wasm, &module, err);
    if (!rc && module.state == ANSWER_REFUSES) {
        char *both = mem_printf("%s; and the module will not load: because %s", answer->because,
                                module.because);
        free(answer->because);
        answer->because = both;
        answer->quote = STEAL(module.quote);
    }
    answer_release(&module);
    return rc;
}

/* Says more of an image whose form is refused: another form would not help an image without a wasm,
 * or with a wasm that is no module. wkg takes components. */
static int explain_form(struct subject *subject, struct wasm *pulled, struct answer *answer,
                        struct err *err)
{
    bool wkg = answer->gateway == GATEWAY_WKG;
    /* wkg decides by the manifest alone. */
    bool by_manifest =
        wkg && form_find(&subject->manifest, &(struct form_found){0}, ERR_IGNORED) == 0;
    int rc = by_manifest ? 0 : wasm_of_pull(subject, pulled, err);
    if (rc)
        return rc;
    if (pulled->nothing)
        refuse(answer, mem_dup(pulled->nothing),
               mem_dup("push the filter as an image of its own: wasme build, wasme push"));
    else if (pulled->fault.code && !wkg)
        refuse_module(pulled, answer);
    else if (wasm_is_module(pulled) && !wkg)
        return add_module_fault(pulled, answer, err);
    return 0;
}

/* Refuses an image that the gateway cannot log in for, as far as this run has seen a login. */
static int judge_login(struct subject *subject, struct answer *answer, struct err *err)
{
    AUTO(probe_answer_release) struct probe_answer version = {0};
    if (subject->kind != SUBJECT_REMOTE || answer->state != ANSWER_LOADS)
        return 0;
    struct registry *registry = subject->place->transfer.registry;
    const char *server = subject->ref.registry;
    const char *realm = probe_realm(registry, server);
    if (!realm)
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
    AUTO_FREE char *fault = gateway_login_fault(answer->gateway, &login);
    if (fault)
        refuse(answer, STEAL(fault),
               mem_dup("push the image to a registry that the gateway can log in to"));
    return 0;
}

static void refuse_index(struct answer *answer)
{
    refuse(answer,
           mem_dup("the reference names an index without an image for " PLATFORM_DEFAULT
                   ", the only one that is looked for"),
           mem_dup("fetch the image with wasme pull --platform, and push it"));
}

static int judge_image(struct subject *subject, struct answer_wasm *wasm, struct answer *answer,
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
        rc = wasm_of_gateway(&image, &verdict, &wasm->taken, err);
    if (rc)
        return rc;
    bool looked = verdict.looked;
    bool convertible = !verdict.loads && verdict.form;
    take_gateway_verdict(subject, &verdict, answer);
    if (convertible)
        return explain_form(subject, &wasm->pulled, answer, err);
    if (looked)
        rc = judge(&wasm->taken, answer, err);
    return rc ? rc : judge_login(subject, answer, err);
}

/* --- The answers --- */

/* A layer that could not be fetched or read makes this answer unknown, and says nothing of the
 * others. */
static int settle(int rc, struct answer *answer, struct err *err)
{
    if (!rc || rc == ERR_INTERRUPTED)
        return rc;
    refuse(answer, mem_dup(err_text(err)), NULL);
    answer->state = ANSWER_UNKNOWN;
    err_release(err);
    return 0;
}

/* Only the module of a file is looked at. */
static int judge_file(const struct subject *subject, struct wasm *wasm, struct answer *answer,
                      struct err *err)
{
    int rc = wasm_of_file(subject, wasm, err);
    if (!rc)
        rc = judge(wasm, answer, err);
    if (!rc && answer->of_gateway && answer->state == ANSWER_LOADS)
        answer->picks = mem_dup("the module");
    return rc;
}

int answer_of_gateway(struct subject *subject, struct answer_wasm *wasm, struct answer *answer,
                      struct err *err)
{
    int rc = subject->kind == SUBJECT_FILE ? judge_file(subject, &wasm->pulled, answer, err)
                                           : judge_image(subject, wasm, answer, err);
    return settle(rc, answer, err);
}

static int judge_pulled(struct subject *subject, struct wasm *pulled, struct answer *answer,
                        struct err *err)
{
    if (subject->empty) {
        refuse_index(answer);
        return 0;
    }
    int rc = wasm_of_pull(subject, pulled, err);
    if (rc)
        return rc;
    if (pulled->nothing) {
        refuse(answer, mem_dup(pulled->nothing), NULL);
        return 0;
    }
    return pulled->fd < 0 ? err_set(err, ERR_FAILED, "the layer with the wasm could not be fetched")
                          : judge(pulled, answer, err);
}

int answer_of_host(struct subject *subject, struct answer_wasm *wasm, struct answer *answer,
                   struct err *err)
{
    int rc = subject->kind == SUBJECT_FILE ? judge_file(subject, &wasm->pulled, answer, err)
                                           : judge_pulled(subject, &wasm->pulled, answer, err);
    return settle(rc, answer, err);
}
