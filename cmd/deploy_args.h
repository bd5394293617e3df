/* The options of `wasme deploy` and `wasme undeploy`, read into a deployment. */
#ifndef WASME_CMD_DEPLOY_ARGS_H
#define WASME_CMD_DEPLOY_ARGS_H

#include "cmd/command.h"
#include "cmd/output.h"
#include "deploy/target.h"

/* What names the objects: all that undeploy has to know. */
struct object_args {
    const char *kind;
    const char *name, *id;
    struct option_list spaces, more_spaces;
    bool enterprise;
    bool apply;
    const char *output;
};

#define OBJECT_OPTIONS(type)                                                                       \
    OPT_TEXT(type, object.kind, 0, "kind", "KIND", COMPLETE_NONE, "Istio's kind of object",        \
             .values = target_kind_listed, .otherwise = "wasmplugin"),                             \
        OPT_TEXT(type, object.name, 0, "name", "NAME", COMPLETE_NONE,                              \
                 "the name of the object and of the filter", .otherwise = "that of the image"),    \
        OPT_LIST(type, object.spaces, 0, "namespace", "NS", COMPLETE_NONE,                         \
                 "the Kubernetes namespace",                                                       \
                 .otherwise = "higress-system, gloo-system, or that of kubectl"),                  \
        OPT_FLAG(type, object.enterprise, 0, "enterprise",                                         \
                 "of gloo: the data plane is Gloo Enterprise's, which alone runs Wasm")
/* Words of the first wasme, which mean the same. */
#define OLD_OBJECT_OPTIONS(type)                                                                   \
    OPT_TEXT(type, object.id, 0, "id", "NAME", COMPLETE_NONE, "the same as --name"),               \
        OPT_LIST(type, object.more_spaces, 0, "namespaces", "NS[,NS]", COMPLETE_NONE,              \
                 "the same as --namespace, with commas between several")

struct filter_args {
    const char *version;
    const char *config;
    const char *root_id;
    const char *phase;
    const char *priority;
    struct option_list selectors, labels;
    struct option_list targets;
    struct option_list env;
    bool fail_open, fail_reload;
    const char *pull_secret;
    const char *pull_policy;
    const char *type;
    const char *context;
    const char *to;
    int port;
    const char *part;
};

/* The deployment of the options, and what it lends. */
struct deploy_plan {
    const struct deploy_target *target;
    uint32_t given; /* CHOICE()s */
    struct deployment wanted;

    /* For the texts that `wanted` lends. */
    char *name;
    struct buf config;
    struct json_t *json;
    char **words; /* parts of options */
    size_t word_count;
    struct deploy_label *labels;
    struct deploy_attach *attached;
    struct deploy_env *env;
    struct deploy_host upstream;
    const char **spaces; /* at least one, which may be NULL */
    size_t space_count;
};
#define DEPLOY_CONFIG_MAX (1024 * 1024) /* bytes of a configuration */
#define DEPLOY_PLAN_INIT                                                                           \
    {                                                                                              \
        .config = BUF_INIT(DEPLOY_CONFIG_MAX)                                                      \
    }
void deploy_plan_release(struct deploy_plan *plan); /* usable with AUTO() */

/* Finds the target and the names. `subject` is the image, file or name on the command line, or
 * NULL. The options are lent to the plan. */
int object_args_read(const struct object_args *args, const char *target, const char *subject,
                     struct deploy_plan *plan, struct err *err);
/* Reads the rest, but the code and the version. */
int filter_args_read(const struct filter_args *args, struct deploy_plan *plan, struct err *err);

/* Opens the file of --output, if `path` is one. ERR_USAGE: the file is that of the module `text`,
 * or that of `config`, the value of --config, and would be lost; both may be NULL. */
int deploy_open(const char *path, const char *text, const char *config, struct output *output,
                struct err *err);
/* Makes the documents a text, and writes it to the file of --output, or prints it when that was not
 * opened. */
int deploy_print(const struct deploy_documents *documents, struct output *output, struct buf *text,
                 struct err *err);

/* The values of options: NULL behind the last. */
const char *deploy_type_listed(size_t at);
const char *deploy_context_listed(size_t at);
const char *deploy_pull_listed(size_t at);

#endif
