/*
 * The readers of deployments: Istio and the others, in each kind of object that they have.
 *
 * A target is a row of facts and a writer. target_check_choices() and target_check() compare
 * a deployment with the facts, so that no writer meets what its reader would refuse.
 */
#ifndef WASME_DEPLOY_TARGET_H
#define WASME_DEPLOY_TARGET_H

#include <stdint.h>

#include "deploy/deploy.h"
#include "image/gateway.h"

/* Choices of the user that not every target knows; their options have these names. */
enum deploy_choice {
    CHOICE_NAMESPACE,
    CHOICE_CONFIG,
    CHOICE_ROOT_ID,
    CHOICE_PHASE,
    CHOICE_PRIORITY,
    CHOICE_SELECTOR,
    CHOICE_TARGET,
    CHOICE_FAIL_OPEN,
    CHOICE_FAIL_RELOAD,
    CHOICE_PULL_SECRET,
    CHOICE_PULL_POLICY,
    CHOICE_ENV,
    CHOICE_PLUGIN, /* --type network */
    CHOICE_CONTEXT,
    CHOICE_TO,
    CHOICE_PORT,
    CHOICE_PART,
    CHOICE_COUNT,
};
#define CHOICE(name) (1U << CHOICE_##name)
/* "--namespace". */
const char *choice_name(enum deploy_choice choice);

/* What a configuration has to be. */
enum config_shape {
    CONFIG_TEXT,           /* any text */
    CONFIG_OBJECT,         /* a JSON object */
    CONFIG_JSON,           /* any JSON */
    CONFIG_TEXTS,          /* a JSON object whose values are texts */
    CONFIG_TEXT_OR_OBJECT, /* a JSON object that is not empty, else it counts as a text */
};

/* A kind of object that a filter may be attached to, and its API group. */
struct attach_kind {
    const char *kind, *group;
    int since;            /* the first version with it; 0: all */
    const char *why_idle; /* the reader takes it, and this is why that is of no use; or NULL */
};

struct deploy_target {
    const char *name;       /* "istio" */
    const char *kind;       /* "wasmplugin", of --kind; NULL: the target has one kind of object */
    const char *title;      /* "an Istio WasmPlugin" */
    const char *host;       /* whose versions count and who runs the module: module/host/host.h */
    enum gateway gateway;   /* who pulls the image; GATEWAY_COUNT: nobody that is known */
    unsigned places;        /* bits: 1 << enum deploy_place */
    const char *elsewhere;  /* what to do about a place that is not among them */
    uint32_t takes;         /* bits: CHOICE() */
    const char *const *why; /* for choices that need more words: pairs of an option's name and the
                               reason why it is not among them, ended by NULL; or NULL */
    int since;              /* the first version with this kind: 130; 0: all */
    int reload_since;       /* the first version with --fail-reload */
    const char *const *phases; /* the words of --phase, ended by NULL */
    enum config_shape config;
    const struct attach_kind *attach_kinds; /* ended by {NULL}: the first is meant by a bare name */
    bool attach_needed;
    bool attach_words; /* what it is attached to has other names than Kubernetes' objects */
    const char *space; /* the namespace that counts when none is given; NULL: none */
    const char *api,
        *object; /* "extensions.istio.io/v1alpha1" and "WasmPlugin"; NULL: the documents
                                 are not for Kubernetes */
    const char *const *parts; /* the words of --part, the first of them the standard, ended by NULL;
                                 NULL: all is printed */
    const uint32_t
        *idle; /* for each of the parts: the choices of which it shows nothing; or NULL */
    /* Checks what the facts cannot say, as target_check() does; or NULL. */
    int (*check)(const struct deployment *wanted, struct err *err);
    int (*write)(const struct deployment *wanted, struct deploy_documents *out, struct err *err);
    const char *apply, *works, *undo; /* sentences, see target_words() */
    const char *apply_part;           /* instead of `apply` for a part that is not the standard; or
                                         NULL */
    const char *open; /* what fail-open means there, where that surprises; or NULL */
    int open_since;   /* the first version of which `open` is true */
};

/* The target of that name, and of that kind: NULL is the first kind. ERR_USAGE lists the names or
 * kinds; ERR_UNSUPPORTED: nobody reads such a thing, and the message says why. */
int target_find(const char *name, const char *kind, const struct deploy_target **out,
                struct err *err);
/* The names of all targets, and the kinds of all; NULL behind the last. */
const char *target_listed(size_t at);
const char *target_kind_listed(size_t at);

/* The kind of object that the target is attached to; names know no case. NULL: there is none. */
const struct attach_kind *target_attach_kind(const struct deploy_target *target, const char *kind);

/* Adds the names of the targets that take the choice: "istio, higress". */
void target_takers(enum deploy_choice choice, struct buf *out);

/* Compares the options with what the target takes; `given` are the choices that the user made.
 * ERR_USAGE names the option and the next step. */
int target_check_choices(const struct deploy_target *target, uint32_t given,
                         const struct deployment *wanted, struct err *err);
/* The configuration is JSON with a number that JSON values of this program cannot hold. ERR_USAGE:
 * the target needs it as JSON, and not as a text. */
int target_check_overflow(const struct deploy_target *target, struct err *err);
/* Compares the rest. The command line alone says where the module comes from, so that this can be
 * asked before the module is fetched, without its address and size, and again with them. */
int target_check(const struct deploy_target *target, const struct deployment *wanted,
                 struct err *err);

/* The object that `kubectl delete` takes: its kind and name. Handed over. */
struct json_t *target_identity(const struct deploy_target *target, const char *name,
                               const char *space);
/* ERR_USAGE: no object of the target has such a name, or no namespace is called so. */
int target_check_names(const struct deploy_target *target, const struct deployment *wanted,
                       struct err *err);

/* The sentence with these words for what stands in braces, handed over: the deployment's name for
 * "{name}"; " -n NAMESPACE", or nothing, for "{-n}"; for "{file}" the name of the module's file
 * without ".wasm" (deploy_file_name()), for "{attached}" that of Kong's route or service in its
 * Admin API, for "{unfetched}" what Istio does without the module, and for "{resource}" the name of
 * Istio's resource in Envoy. */
char *target_words(const char *sentence, const struct deployment *wanted);
/* The sentence that says how what was written is applied. */
const char *target_apply(const struct deploy_target *target, const struct deployment *wanted);

extern const struct deploy_target target_envoy, target_wasmplugin, target_envoyfilter,
    target_trafficextension, target_higress, target_envoy_gateway, target_gloo, target_mosn,
    target_apisix, target_kong;

#endif
