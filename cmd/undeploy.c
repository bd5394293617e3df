/* wasme undeploy: what takes a deployed filter back. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/deploy_args.h"
#include "cmd/kubectl.h"
#include "cmd/log.h"

enum { TEXT_MAX = 16 * 1024 * 1024 };

struct undeploy_args {
    struct object_args object;
};

static int write_identities(struct deploy_plan *plan, struct deploy_documents *out, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < plan->space_count; i++) {
        plan->wanted.space = plan->spaces[i];
        rc = target_check_names(plan->target, &plan->wanted, err);
        if (!rc)
            deploy_add(out, NULL,
                       target_identity(plan->target, plan->wanted.name, plan->wanted.space));
    }
    return rc;
}

static int undeploy_plan(const struct object_args *args, const char *word, struct deploy_plan *plan,
                         struct err *err)
{
    AUTO(deploy_documents_release) struct deploy_documents documents = {0};
    AUTO(buf_release) struct buf text = BUF_INIT(TEXT_MAX);
    AUTO(output_release) struct output output = OUTPUT_INIT;
    AUTO_FREE char *words = target_words(plan->target->undo, &plan->wanted);
    if (!plan->target->api)
        return err_set(err, ERR_UNSUPPORTED, "%s is a file that wasme does not change: %s",
                       plan->target->title, words);
    int rc = write_identities(plan, &documents, err);
    rc = rc ? rc : deploy_open(args->output, word, NULL, &output, err);
    rc = rc ? rc : deploy_print(&documents, &output, &text, err);
    if (rc)
        return rc;
    if (plan->target->kind && !args->kind)
        log_infof("this removes %s; an object of another kind stays: name it with --kind",
                  plan->target->title);
    if (!args->apply) {
        AUTO_FREE char *command = kubectl_command(KUBECTL_DELETE);
        log_infof("to remove it: %s, or --apply", command);
        return 0;
    }
    return kubectl_run(KUBECTL_DELETE, &text, err);
}

/* A word that is a name as it stands, and another name when it is an image, may not remove the
 * wrong object. */
static int check_word(const char *word, const struct object_args *args,
                      const struct deploy_plan *plan, struct err *err)
{
    size_t len = word ? strlen(word) : 0;
    const struct deployment as_name = {.name = word};
    if (!len || args->name || args->id || strcmp(plan->name, word) == 0 ||
        (len > 5 && strcmp(word + len - 5, ".wasm") == 0) ||
        target_check_names(plan->target, &as_name, ERR_IGNORED) != 0)
        return 0;
    return err_set(err, ERR_USAGE,
                   "\"%.260s\" is the name of an object, or an image whose object has the name "
                   "\"%s\": say which one with --name",
                   word, plan->name);
}

static int undeploy(const struct cli *cli, void *opaque, struct err *err)
{
    const struct undeploy_args *args = opaque;
    AUTO(deploy_plan_release) struct deploy_plan plan = DEPLOY_PLAN_INIT;
    int rc = object_args_read(&args->object, cli->args[0], cli->args[1], &plan, err);
    if (!rc && plan.target->api)
        rc = check_word(cli->args[1], &args->object, &plan, err);
    if (!rc)
        rc = undeploy_plan(&args->object, cli->args[1], &plan, err);
    return rc ? err_wrap(err, "undeploy %s", cli->args[0]) : 0;
}

static const struct option options[] = {
    OBJECT_OPTIONS(struct undeploy_args),
    OPT_TEXT(struct undeploy_args, object.output, 'o', "output", "FILE", COMPLETE_FILE,
             "write to FILE and not to standard output"),
    OPT_FLAG(struct undeploy_args, object.apply, 0, "apply",
             "show the manifest, then give it to `kubectl delete -f -`"),
    OLD_OBJECT_OPTIONS(struct undeploy_args),
    OPT_END,
};

extern const struct command undeploy_command;
const struct command undeploy_command = {
    .name = "undeploy",
    .summary = "write what takes a deployed filter back",
    .details = "Nothing is sent anywhere without --apply.",
    .example = "wasme undeploy istio harbor.example/base/filter:v1",
    .positionals = POSITIONALS(
        {.name = "TARGET", .help = "who runs the filter", .values = target_listed, .open = true},
        {.name = "NAME|REF",
         .help = "the name of the object, or the image that it was made of",
         .optional = true,
         .otherwise = "--name",
         .complete = COMPLETE_REF_OR_FILE}),
    .options = options,
    .args_size = sizeof(struct undeploy_args),
    .run = undeploy,
};
