#include "cmd/deploy_code.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/visible.h"
#include "cmd/filter_words.h"
#include "cmd/log.h"

void deploy_code_found_release(struct deploy_code_found *found)
{
    free(found->address);
    free(found->root_id);
    answer_wasm_release(&found->wasm);
    subject_release(&found->subject);
    subject_place_release(&found->place);
}

/* --- The place --- */

static int file_address(const char *path, char **out, struct err *err)
{
    *out = realpath(path, NULL);
    return *out ? 0 : err_errno(err, "%s", path);
}

/* Beside a digest of its own, the manifest keeps the user's tag; without one, the user's digest. */
static char *image_address(const struct subject *subject, bool no_pin)
{
    const struct ref *ref = &subject->ref;
    return ref->tag && !(no_pin && ref->digest.text[0])
               ? mem_printf("%s/%s:%s", ref->registry, ref->repository, ref->tag)
               : mem_printf("%s/%s@%s", ref->registry, ref->repository, ref->digest.text);
}

static bool takes(const struct deploy_target *target, enum deploy_place place)
{
    return target->places & 1U << place;
}

/* A file of this machine is none of a cluster's. */
static int refuse_file(const struct deploy_target *target, const char *text, struct err *err)
{
    AUTO(buf_release) struct buf word = BUF_INIT(8192);
    visible_quote(&word, text);
    return err_set(err, ERR_USAGE,
                   "%s is a file of this machine, and %s is read elsewhere: push it (`wasme build "
                   "precompiled %s -t REF`, `wasme push REF`), serve it (`wasme serve`) and give "
                   "--url, or name its place on the proxy's machine with --path",
                   text, target->title, buf_text(&word));
}

int deploy_code_place(const char *text, const struct code_args *args, struct deploy_plan *plan,
                      struct err *err)
{
    struct deploy_code *code = &plan->wanted.code;
    enum subject_kind kind = subject_kind_of(text);
    bool here = !plan->target->api; /* the proxy may run on this machine */
    if (args->url && args->path)
        return err_set(err, ERR_USAGE, "--url and --path: give one of them");
    if (args->url || args->path) {
        code->place = args->url ? DEPLOY_URL : DEPLOY_FILE;
        code->placed = !args->url;
        code->address = args->url ? args->url : args->path;
    } else if (!here && file_is_regular(text)) {
        return refuse_file(plan->target, text, err);
    } else {
        bool file =
            kind == SUBJECT_FILE || (kind == SUBJECT_STORED && !takes(plan->target, DEPLOY_IMAGE));
        code->place = file ? DEPLOY_FILE : DEPLOY_IMAGE;
    }
    code->unpinned = args->no_pin;
    return 0;
}

/* The address of what has none by --url or --path. */
static int find_address(const struct code_args *args, struct deploy_code *code,
                        struct deploy_code_found *found, struct err *err)
{
    const struct subject *subject = &found->subject;
    int rc = 0;
    if (code->address)
        return 0;
    if (code->place == DEPLOY_IMAGE)
        found->address = image_address(subject, args->no_pin);
    else if (subject->kind == SUBJECT_FILE)
        rc = file_address(subject->text, &found->address, err);
    else
        found->address = mem_printf("%s/filter.wasm", subject->image.dir);
    code->address = found->address;
    return rc;
}

/* --- The verdict --- */

static void say_notes(const struct answer *answer)
{
    for (size_t i = 0; i < answer->note_count; i++)
        log_infof("%s", answer->notes[i]);
}

static int conclude(const struct answer *answer, const char *who, bool force, struct err *err)
{
    if (answer->state == ANSWER_LOADS) {
        say_notes(answer);
        return 0;
    }
    bool refused = answer->state == ANSWER_REFUSES;
    const char *words = refused ? "will not load it" : "may not load it";
    if (!refused || force) {
        log_warningf("%s %s: %s", who, words, answer->because);
        return 0;
    }
    return err_set(err, ERR_FAILED,
                   "%s %s, because %s%s%s (--force writes the manifest nevertheless)", who, words,
                   answer->because, answer->next ? ": " : "", answer->next ? answer->next : "");
}

static int judge(const struct code_args *args, const struct host_choice *host,
                 struct deploy_plan *plan, struct deploy_code_found *found, struct err *err)
{
    bool image = plan->wanted.code.place == DEPLOY_IMAGE && plan->target->gateway != GATEWAY_COUNT;
    struct answer answer = {
        .of_gateway = image, .gateway = plan->target->gateway, .host = *host, .named = true};
    AUTO_FREE char *who = mem_printf("%s %s", host_title(host), host_version_name(host));
    int rc = image ? answer_of_gateway(&found->subject, &found->wasm, &answer, err)
                   : answer_of_host(&found->subject, &found->wasm, &answer, err);
    if (!rc)
        rc = conclude(&answer, who, args->force, err);
    if (!rc)
        found->image = answer.sha256.text[0] ? answer.sha256 : found->subject.digest;
    answer_release(&answer);
    return rc;
}

/* --- The digests --- */

/* The module as a pull takes it: what `wasme serve` and the store have. */
static int read_module(struct deploy_plan *plan, struct deploy_code_found *found, struct err *err)
{
    struct wasm *pulled = &found->wasm.pulled;
    int rc = found->subject.kind == SUBJECT_FILE ? wasm_of_file(&found->subject, pulled, err)
                                                 : wasm_of_pull(&found->subject, pulled, err);
    if (rc)
        return rc;
    if (pulled->fd < 0)
        return plan->wanted.code.place == DEPLOY_IMAGE
                   ? 0
                   : err_set(err, ERR_FAILED, "%s",
                             pulled->nothing ? pulled->nothing : "the module could not be fetched");
    rc = digest_of_fd(pulled->fd, &found->module, &plan->wanted.code.size, err);
    if (!rc)
        rc = md5_of_fd(pulled->fd, found->md5, err);
    if (!rc)
        plan->wanted.code.md5 = found->md5;
    return rc;
}

static void pin(const struct code_args *args, struct deploy_plan *plan,
                const struct deploy_code_found *found)
{
    struct deploy_code *code = &plan->wanted.code;
    const struct digest *digest = code->place == DEPLOY_IMAGE ? &found->image : &found->module;
    if (!args->no_pin && digest->text[0])
        code->sha256 = digest_hex(digest);
    if (args->no_pin)
        code->md5 = NULL;
}

/* With --force, a module that is too large for its reader is a warning, and no error of the check. */
static void forget_size(struct deploy_plan *plan)
{
    struct deployment unknown = plan->wanted;
    unknown.code.size = 0;
    AUTO(err_release) struct err why = ERR_INIT;
    if (target_check(plan->target, &plan->wanted, &why) == 0 ||
        target_check(plan->target, &unknown, ERR_IGNORED) != 0)
        return;
    log_warningf("%s", err_text(&why));
    plan->wanted.code.size = 0;
}

/* --- The root id --- */

static void take_root(const struct runtime_config *config, struct deploy_plan *plan,
                      struct deploy_code_found *found)
{
    if (!config->root_ids.count || !*config->root_ids.items[0])
        return;
    found->root_id = mem_dup(config->root_ids.items[0]);
    plan->wanted.root_id = found->root_id;
    if (config->root_ids.count > 1)
        log_infof(
            "the image names %zu root ids, of which the first counts: %s (--root-id: another)",
            config->root_ids.count, found->root_id);
}

/* MOSN's root ids are numbers, those of images are names. */
static int find_root(struct deploy_plan *plan, struct deploy_code_found *found, struct err *err)
{
    AUTO(runtime_config_release) struct runtime_config config = {0};
    bool wanted = plan->target->takes & CHOICE(ROOT_ID) && plan->target != &target_mosn;
    if (plan->given & CHOICE(ROOT_ID) || !wanted)
        return 0;
    int rc = filter_runtime(&found->subject, &found->wasm.pulled, &config, err);
    if (!rc)
        take_root(&config, plan, found);
    return rc;
}

int deploy_code_find(const char *text, const struct code_args *args, const struct host_choice *host,
                     struct deploy_plan *plan, struct deploy_code_found *found, struct err *err)
{
    int rc = subject_open(&found->subject, text, &found->place, err);
    rc = rc ? rc : find_address(args, &plan->wanted.code, found, err);
    rc = rc ? rc : judge(args, host, plan, found, err);
    rc = rc ? rc : read_module(plan, found, err);
    rc = rc ? rc : find_root(plan, found, err);
    if (rc == ERR_USAGE || rc == ERR_INTERRUPTED || (rc && ref_holds_login(text)))
        return rc;
    if (rc)
        return err_wrap(err, "%s", text);
    pin(args, plan, found);
    if (args->force)
        forget_size(plan);
    return 0;
}
