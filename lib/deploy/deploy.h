/*
 * What a proxy or its control plane needs to run a filter: manifests for Istio, Envoy Gateway,
 * Higress and Gloo, and the files of Envoy, MOSN, APISIX and Kong.
 *
 * A deployment says what the user wants. A target (target.h) says what one reader takes, checks the
 * deployment against that, and writes it as documents.
 */
#ifndef WASME_DEPLOY_DEPLOY_H
#define WASME_DEPLOY_DEPLOY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/json.h"

/* Where the proxy gets the module from. */
enum deploy_place {
    DEPLOY_IMAGE, /* an image in a registry */
    DEPLOY_URL,   /* a .wasm file behind http:// or https:// */
    DEPLOY_FILE,  /* a file on the proxy's machine */
    DEPLOY_PLACE_COUNT,
};

struct deploy_code {
    enum deploy_place place;
    /* "harbor.example/base/filter:v1", "http://...", "/srv/filter.wasm"; NULL: not known yet. */
    const char *address;
    bool placed;   /* of a file: the address is where the proxy will find it, in its folder */
    bool unpinned; /* the user wants no digest */
    /* 64 hexadecimal digits: of the image's manifest for DEPLOY_IMAGE, of the module's bytes
     * otherwise; NULL: what comes is taken as it is. */
    const char *sha256;
    const char *md5; /* 32 hexadecimal digits, of the module's bytes; NULL: not known */
    long long size;  /* of the module, in bytes; 0: not known */
};

/* A variable of the environment that the filter sees. */
struct deploy_env {
    const char *name;
    const char *value; /* NULL: the proxy's own variable of that name */
};

/* A label that chooses workloads. */
struct deploy_label {
    const char *key, *value;
};

/* An object that the filter is attached to: "Gateway/edge". */
struct deploy_attach {
    const char *group; /* "gateway.networking.k8s.io", or "" */
    const char *kind, *name;
};

enum deploy_failure { DEPLOY_FAIL_CLOSED, DEPLOY_FAIL_OPEN, DEPLOY_FAIL_RELOAD };
enum deploy_plugin { DEPLOY_HTTP, DEPLOY_NETWORK };
/* Which traffic of a workload, as seen from its proxy. */
enum deploy_context { DEPLOY_ANY, DEPLOY_INBOUND, DEPLOY_OUTBOUND, DEPLOY_GATEWAY };
enum deploy_pull { DEPLOY_PULL_DEFAULT, DEPLOY_PULL_IF_NOT_PRESENT, DEPLOY_PULL_ALWAYS };

/* A host that Envoy connects to. */
struct deploy_host {
    const char *name; /* of Envoy's cluster */
    const char *host; /* a name, or an address without brackets */
    int port;
    bool tls;
    bool any_family;     /* a name may lead to IPv6 or IPv4, whichever answers */
    const char *ca_file; /* the certificates (PEM) that count with `tls`; NULL: Debian's own */
};

/* A filter as it is to run. All is lent. */
struct deployment {
    const char *name;  /* of the object, and of the filter within the proxy */
    const char *space; /* the Kubernetes namespace; NULL: the one of kubectl */
    struct deploy_code code;
    const char *root_id;              /* NULL: none */
    const char *config;               /* the text that the filter gets; NULL: none */
    const struct json_t *config_json; /* the same text, parsed; NULL: no JSON */
    enum deploy_plugin plugin;
    const char *phase; /* a word of the target; NULL: none */
    enum deploy_failure failure;
    enum deploy_context context;
    enum deploy_pull pull;
    bool has_priority;
    int priority;
    const struct deploy_label *labels;
    size_t label_count;
    const struct deploy_attach *attached;
    size_t attach_count;
    const struct deploy_env *env;
    size_t env_count;
    const char *pull_secret; /* the name of a Secret; NULL: none */
    int version;             /* of the target: 1.25 is 125, 1.9 is 109 */
    /* Of targets whose whole configuration is written: the server behind the proxy (NULL: the proxy
     * answers by itself), and the port where the proxy listens. */
    const struct deploy_host *upstream;
    int port;
    const char *part; /* of the target's parts; NULL: it has none */
};

/* Documents of one text, in order. */
struct deploy_document {
    char *title; /* a line for a comment in front of the document; owned; or NULL */
    struct json_t *value;
    const char
        *end; /* a line of comment behind the document, for readers that look for it; or NULL */
};
struct deploy_documents {
    struct deploy_document *items;
    size_t count;
    bool json; /* there is one document, for a reader of JSON */
};
/* Takes both over. */
void deploy_add(struct deploy_documents *documents, char *title, struct json_t *value);
void deploy_documents_release(struct deploy_documents *documents); /* usable with AUTO() */

/* The name of the module's file on the proxy's machine, without ".wasm"; handed over. A file that
 * has no place there yet gets the name of the deployment. */
char *deploy_file_name(const struct deployment *wanted);

/* Whether a reader in Lua hands the value on as it is: in YAML an empty list, null and a number of
 * more than 14 digits become something else there (cjson's standard precision). */
bool deploy_suits_lua(const struct json_t *value);

/* Members of an object that a writer is making. deploy_text() leaves out a text that is NULL. */
void deploy_text(struct json_t *object, const char *key, const char *text);
/* A new object under the key, lent; and a new array likewise. */
struct json_t *deploy_object(struct json_t *object, const char *key);
struct json_t *deploy_array(struct json_t *object, const char *key);
/* A new object at the end of the array, lent. */
struct json_t *deploy_item(struct json_t *array);

#endif
