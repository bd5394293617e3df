/* wasme deploy: the manifest that runs a filter in Istio, Envoy and the others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/deploy_args.h"
#include "cmd/deploy_code.h"
#include "cmd/kubectl.h"
#include "cmd/log.h"
#include "cmd/settings.h"
#include "deploy/kubernetes.h"

enum { TEXT_MAX = 64 * 1024 * 1024 };
/* The first version of Envoy Gateway whose images have a field for a CA
 * (api/v1alpha1/wasm_types.go). */
enum { GATEWAY_CA = 104 };

struct deploy_args {
    struct transfer_args transfer;
    struct object_args object;
    struct filter_args filter;
    struct code_args code;
    const char *store;
};

/* "1.25" is 125. */
static int number_of_version(const char *name)
{
    char *rest = NULL;
    long major = strtol(name, &rest, 10);
    long minor = *rest == '.' ? strtol(rest + 1, NULL, 10) : 0;
    return (int)(major * 100 + minor);
}

static int find_version(const char *version, struct deploy_plan *plan, struct host_choice *host,
                        struct err *err)
{
    if (version && !*version)
        return err_set(err, ERR_USAGE, "--target-version: there is no version in it");
    AUTO_FREE char *name =
        mem_printf("%s%s%s", plan->target->host, version ? ":" : "", version ? version : "");
    int rc = host_parse(name, host, err);
    if (rc && strcmp(plan->target->host, plan->target->name) != 0)
        return err_wrap(err, "--target-version: of %s it is that of its Envoy", plan->target->name);
    if (rc)
        return err_wrap(err, "--target-version");
    plan->wanted.version = number_of_version(host_version_name(host));
    return 0;
}

static int refuse_apply(const struct deploy_plan *plan, struct err *err)
{
    AUTO_FREE char *words = target_words(target_apply(plan->target, &plan->wanted), &plan->wanted);
    return err_set(err, ERR_USAGE, "--apply: kubectl knows nothing of %s: %s", plan->target->title,
                   words);
}

/* Nothing is fetched for a command line that is wrong. */
static int read_plan(const struct cli *cli, const struct deploy_args *args,
                     struct deploy_plan *plan, struct host_choice *host, struct err *err)
{
    int rc = object_args_read(&args->object, cli->args[0], cli->args[1], plan, err);
    if (!rc && plan->target == &target_gloo && !args->object.enterprise)
        rc = err_set(err, ERR_USAGE,
                     "only the data plane of Gloo Enterprise runs Wasm filters, the open one "
                     "ignores them: say so with --enterprise, or deploy to istio or envoy-gateway");
    rc = rc ? rc : filter_args_read(&args->filter, plan, err);
    rc = rc ? rc : find_version(args->filter.version, plan, host, err);
    rc = rc ? rc : target_check_choices(plan->target, plan->given, &plan->wanted, err);
    rc = rc ? rc : deploy_code_place(cli->args[1], &args->code, plan, err);
    if (!rc && args->object.apply && !plan->target->api)
        rc = refuse_apply(plan, err);
    for (size_t i = 0; !rc && i < plan->space_count; i++) {
        plan->wanted.space = plan->spaces[i];
        rc = target_check(plan->target, &plan->wanted, err);
    }
    return rc;
}

static int write_all(struct deploy_plan *plan, struct deploy_documents *out, struct err *err)
{
    int rc = target_check(plan->target, &plan->wanted, err);
    for (size_t i = 0; !rc && i < plan->space_count; i++) {
        plan->wanted.space = plan->spaces[i];
        rc = plan->target->write(&plan->wanted, out, err);
    }
    return rc;
}

static void say(const char *what, const char *sentence, const struct deployment *wanted)
{
    AUTO_FREE char *words = sentence ? target_words(sentence, wanted) : NULL;
    if (words)
        log_infof("%s: %s", what, words);
}

/* Who pulls the image tries https alone, with the CAs of its system (istio/istio, pkg/wasm;
 * envoyproxy/gateway, internal/wasm, where nothing sets InsecureRegistries). */
static void say_reach(const struct reach_args *reach, const struct deploy_plan *plan)
{
    enum gateway gateway = plan->target->gateway;
    const char *why = reach->plain_http ? "the registry has no TLS"
                      : reach->insecure ? "the registry's certificate was not verified"
                      : reach->ca_file  ? "the registry's certificate is of the CA of --ca-file"
                                        : NULL;
    if (!why || plan->wanted.code.place != DEPLOY_IMAGE || gateway == GATEWAY_COUNT)
        return;
    const char *address = plan->wanted.code.address;
    if (gateway == GATEWAY_ENVOY_GATEWAY)
        log_warningf("%s: Envoy Gateway will not pull the image%s", why,
                     reach->plain_http || plan->wanted.version < GATEWAY_CA
                         ? ": serve the module (`wasme serve`), and give its address with --url"
                         : ", unless the CA of the certificate is named in the manifest as "
                           "tls.caCertificateRef of the image");
    else
        log_warningf("%s: name %.*s in WASM_INSECURE_REGISTRIES of the proxy's agent, or the image "
                     "will not be pulled",
                     why, (int)strcspn(address, "/"), address);
}

/* `server_side` is why the API server has to do the work of `kubectl apply`; or NULL. */
static void say_next(const struct deploy_plan *plan, bool applied, const char *server_side)
{
    const struct deploy_target *target = plan->target;
    struct deployment wanted = plan->wanted;
    wanted.space = plan->spaces[0];
    AUTO_FREE char *on_server = kubectl_command(KUBECTL_APPLY_ON_SERVER);
    if (!applied && server_side)
        log_warningf("to apply: %s, or --apply: %s", on_server, server_side);
    else if (!applied)
        say("to apply", target_apply(target, &wanted), &wanted);
    say("it works when", target->works, &wanted);
    for (size_t i = 0; i < plan->space_count; i++) {
        wanted.space = plan->spaces[i];
        say("to undo", target->undo, &wanted);
    }
    if (wanted.failure == DEPLOY_FAIL_OPEN && wanted.version >= target->open_since)
        say("fail-open", target->open, &wanted);
}

static int apply(const char *server_side, const struct buf *text, struct err *err)
{
    if (server_side)
        log_infof("--apply: %s", server_side);
    return kubectl_run(server_side ? KUBECTL_APPLY_ON_SERVER : KUBECTL_APPLY, text, err);
}

static int deploy_plan_run(const struct cli *cli, const struct deploy_args *args,
                           struct deploy_plan *plan, struct deploy_code_found *found,
                           struct err *err)
{
    AUTO(deploy_documents_release) struct deploy_documents documents = {0};
    AUTO(buf_release) struct buf text = BUF_INIT(TEXT_MAX);
    struct host_choice host = {0};
    AUTO(output_release) struct output output = OUTPUT_INIT;
    int rc = read_plan(cli, args, plan, &host, err);
    rc =
        rc ? rc : deploy_open(args->object.output, cli->args[1], args->filter.config, &output, err);
    rc = rc ? rc : deploy_code_find(cli->args[1], &args->code, &host, plan, found, err);
    rc = rc ? rc : write_all(plan, &documents, err);
    rc = rc ? rc : deploy_print(&documents, &output, &text, err);
    if (rc)
        return rc;
    const char *server_side = plan->target->api ? kubernetes_server_side(&documents) : NULL;
    if (plan->target->api && kubernetes_too_large(&documents))
        log_warning("the object has more than 1.5 MiB, and etcd keeps no such object as it comes: "
                    "make the configuration smaller",
                    NULL);
    if (args->object.apply)
        rc = apply(server_side, &text, err);
    if (rc)
        return rc;
    say_reach(&args->transfer.reach, plan);
    say_next(plan, args->object.apply, server_side);
    return 0;
}

static int deploy(const struct cli *cli, void *opaque, struct err *err)
{
    const struct deploy_args *args = opaque;
    AUTO(deploy_plan_release) struct deploy_plan plan = DEPLOY_PLAN_INIT;
    AUTO(deploy_code_found_release) struct deploy_code_found found = DEPLOY_CODE_FOUND_INIT;
    found.place =
        (struct subject_place){.args = &args->transfer, .store = args->store, .remote = true};
    int rc = deploy_plan_run(cli, args, &plan, &found, err);
    return rc ? err_wrap(err, "deploy %s", cli->args[0]) : 0;
}

static const struct option options[] = {
    OBJECT_OPTIONS(struct deploy_args),
    OPT_TEXT(struct deploy_args, filter.version, 0, "target-version", "VERSION", COMPLETE_NONE,
             "write for this version of the target", .otherwise = "the newest"),
    OPT_TEXT(struct deploy_args, filter.config, 0, "config", "TEXT|@FILE", COMPLETE_NONE,
             "the configuration that the filter gets: a text, JSON, or a file"),
    OPT_TEXT(struct deploy_args, filter.root_id, 0, "root-id", "ID", COMPLETE_NONE,
             "the root id that the filter registers", .otherwise = "the first one of the image"),
    OPT_TEXT(struct deploy_args, filter.phase, 0, "phase", "PHASE", COMPLETE_NONE,
             "authn, authz or stats; of apisix: access or rewrite"),
    OPT_TEXT(struct deploy_args, filter.priority, 0, "priority", "N", COMPLETE_NONE,
             "the order among filters of a phase: the highest runs first"),
    OPT_LIST(struct deploy_args, filter.selectors, 0, "selector", "KEY=VALUE", COMPLETE_NONE,
             "for workloads with this label"),
    OPT_LIST(struct deploy_args, filter.targets, 0, "target", "KIND/NAME", COMPLETE_NONE,
             "attach the filter to a Gateway, a route, an Ingress"),
    OPT_TEXT(struct deploy_args, filter.context, 0, "patch-context", "CONTEXT", COMPLETE_NONE,
             "of istio: the traffic that passes the filter", .values = deploy_context_listed,
             .otherwise = "any"),
    OPT_TEXT(struct deploy_args, filter.type, 0, "type", "TYPE", COMPLETE_NONE,
             "the filter handles requests, or bytes of connections", .values = deploy_type_listed,
             .otherwise = "http"),
    OPT_LIST(struct deploy_args, filter.env, 0, "env", "NAME[=VALUE]", COMPLETE_NONE,
             "a variable for the filter; without VALUE the proxy's own"),
    OPT_FLAG(struct deploy_args, filter.fail_open, 0, "fail-open",
             "let requests pass when the filter has failed"),
    OPT_FLAG(struct deploy_args, filter.fail_reload, 0, "fail-reload",
             "load the module anew after the filter has failed"),
    OPT_TEXT(struct deploy_args, filter.pull_secret, 0, "pull-secret", "NAME", COMPLETE_NONE,
             "the Secret with the login of the registry"),
    OPT_TEXT(struct deploy_args, filter.pull_policy, 0, "pull-policy", "POLICY", COMPLETE_NONE,
             "when the image is pulled again", .values = deploy_pull_listed),
    OPT_TEXT(struct deploy_args, code.url, 0, "url", "URL", COMPLETE_NONE,
             "where the proxy fetches the module by http: the address of `wasme serve`"),
    OPT_TEXT(struct deploy_args, code.path, 0, "path", "FILE", COMPLETE_NONE,
             "where the module is on the proxy's machine"),
    OPT_FLAG(struct deploy_args, code.no_pin, 0, "no-pin",
             "write no digest: the proxy takes what it finds"),
    OPT_TEXT(struct deploy_args, filter.to, 0, "to", "URL", COMPLETE_NONE,
             "the server behind the proxy, in a whole configuration"),
    OPT_NUMBER(struct deploy_args, filter.port, 0, "port", "N", 0, 65535, 0,
               "where the proxy listens, in a whole configuration",
               .zero = "10000, or 8080 for gloo"),
    OPT_TEXT(struct deploy_args, filter.part, 0, "part", "PART", COMPLETE_NONE,
             "envoy, mosn: filter; apisix: config or route; kong: declarative"),
    OPT_TEXT(struct deploy_args, object.output, 'o', "output", "FILE", COMPLETE_FILE,
             "write to FILE and not to standard output"),
    OPT_FLAG(struct deploy_args, object.apply, 0, "apply",
             "show the manifest, then give it to `kubectl apply -f -`"),
    OPT_FLAG(struct deploy_args, code.force, 0, "force",
             "write the manifest although the target refuses the image or module"),
    OLD_OBJECT_OPTIONS(struct deploy_args),
    OPT_LIST(struct deploy_args, filter.labels, 0, "labels", "KEY=VALUE[,...]", COMPLETE_NONE,
             "the same as --selector, with commas between several"),
    FILTER_TRANSFER_OPTIONS(struct deploy_args),
    STORE_OPTION(struct deploy_args, store),
    OPT_END,
};

extern const struct command deploy_command;
const struct command deploy_command = {
    .name = "deploy",
    .summary = "write the manifest that runs a filter in a proxy or mesh",
    .details = "Nothing is sent anywhere without --apply. The man page says which options a\n"
               "target takes.",
    .example = "wasme deploy istio harbor.example/base/filter:v1 --selector app=cart",
    .positionals = POSITIONALS(
        {.name = "TARGET", .help = "who runs the filter", .values = target_listed, .open = true},
        {.name = "REF|FILE",
         .help = "an image of a registry (store:REF: of the store), or a .wasm file",
         .complete = COMPLETE_REF_OR_FILE}),
    .options = options,
    .args_size = sizeof(struct deploy_args),
    .run = deploy,
};
