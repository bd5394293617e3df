/* What the commands share that speak to registries: the options of a registry's client, and the
 * client made from them. */
#ifndef WASME_CMD_TRANSFER_H
#define WASME_CMD_TRANSFER_H

#include "cmd/auth_files.h"
#include "cmd/option.h"
#include "registry/registry.h"
#include "store/store.h"

struct transfer_args {
    struct option_list credentials;
    const char *username;
    const char *password;
    bool password_stdin;
    bool insecure;
    bool plain_http;
    const char *ca_file;
    int retries;
    int stall_timeout;
    int timeout;
    int parallel;
};

/* How to reach and log in to a registry, for a struct with a member `transfer`. */
#define CONNECT_OPTIONS(type)                                                                      \
    OPT_LIST(type, transfer.credentials, 'c', "config", "FILE", COMPLETE_FILE,                     \
             "read credentials from FILE: config.json, .dockercfg or a Kubernetes Secret"),        \
        OPT_TEXT(type, transfer.username, 'u', "username", "USER", COMPLETE_NONE,                  \
                 "log in as USER"),                                                                \
        OPT_TEXT(type, transfer.password, 'p', "password", "PASSWORD", COMPLETE_NONE,              \
                 "log in with PASSWORD; other users of this machine can see it"),                  \
        OPT_FLAG(type, transfer.password_stdin, 0, "password-stdin",                               \
                 "read the password from standard input"),                                         \
        OPT_FLAG(type, transfer.insecure, 0, "insecure",                                           \
                 "do not verify the registry's certificate"),                                      \
        OPT_FLAG(type, transfer.plain_http, 0, "plain-http", "use http, not https"),               \
        OPT_TEXT(type, transfer.ca_file, 0, "ca-file", "FILE", COMPLETE_FILE,                      \
                 "trust the CA certificates in FILE (PEM) too")

/* The same and what transfers need. */
#define TRANSFER_OPTIONS(type)                                                                     \
    CONNECT_OPTIONS(type),                                                                         \
        OPT_NUMBER(type, transfer.retries, 0, "retries", "N", 0, 100,                              \
                   "try a request that failed N more times (default 4)"),                          \
        OPT_NUMBER(type, transfer.stall_timeout, 0, "stall-timeout", "SECONDS", 1, 86400,          \
                   "give up when nothing moves for SECONDS (default 60)"),                         \
        OPT_NUMBER(type, transfer.timeout, 0, "timeout", "SECONDS", 0, 604800,                     \
                   "give up when all is not done after SECONDS (default 0: never)"),               \
        OPT_NUMBER(type, transfer.parallel, 'j', "jobs", "N", 1, 64,                               \
                   "make up to N transfers at a time (default 4)")

void transfer_defaults(struct transfer_args *args);

struct transfer {
    struct store *store;
    struct registry *registry;
    struct registry_options options;
    char *password;                 /* owned; wiped at the end */
    struct auth_files files;        /* looked into by default */
    struct credential_place *named; /* looked into instead; owned */
};

/* Makes the client, for `transfer` as zeroed; `args` is lent until the end. */
int transfer_begin(struct transfer *transfer, const struct transfer_args *args, struct err *err);
/* The same for a command whose arguments are references, and opens the store. */
int transfer_open(const struct cli *cli, const struct transfer_args *args, const char *store,
                  struct transfer *transfer, struct err *err);
void transfer_end(struct transfer *transfer); /* usable with AUTO(), also without a begin */
/* REF@DIGEST on standard output; a reference that ends in its digest as it is. */
void transfer_print(const struct ref *ref, const struct digest *manifest);
/* Logs both digests of an image that was moved, and with `print` prints REF@DIGEST. */
void transfer_report(const struct ref *ref, const struct digest *manifest,
                     const struct digest *wasm, bool print);

#endif
