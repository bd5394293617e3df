/* The registry client of a command: its options, and the client that is made from them. */
#ifndef WASME_CMD_TRANSFER_H
#define WASME_CMD_TRANSFER_H

#include "cmd/auth_files.h"
#include "cmd/cache_dirs.h"
#include "cmd/command.h"
#include "registry/registry.h"
#include "store/store.h"

/* The user and the password on the command line. */
struct login_words {
    const char *username;
    const char *password;
    bool password_stdin;
};

/* How to reach a registry. */
struct reach_args {
    bool insecure;
    bool plain_http;
    const char *ca_file;
};

struct transfer_args {
    struct option_list credentials;
    struct login_words login;
    struct reach_args reach;
    int retries;
    int stall_timeout;
    int timeout;
    int parallel;
    bool no_cache;
};

/* The options that fill a struct login_words, and a struct reach_args. `at` is the name of that
 * member of `type`, with a dot behind it. */
#define LOGIN_OPTIONS(type, at)                                                                    \
    OPT_TEXT(type, at username, 'u', "username", "USER", COMPLETE_NONE, "log in as USER",          \
             .group = GROUP_CREDENTIALS),                                                          \
        OPT_TEXT(type, at password, 'p', "password", "PASSWORD", COMPLETE_NONE,                    \
                 "log in with PASSWORD; other users of this machine can see it",                   \
                 .group = GROUP_CREDENTIALS),                                                      \
        OPT_FLAG(type, at password_stdin, 0, "password-stdin",                                     \
                 "read the password from standard input", .group = GROUP_CREDENTIALS)
#define REACH_OPTIONS(type, at)                                                                    \
    OPT_FLAG(type, at insecure, 0, "insecure", "do not verify the registry's certificate",         \
             .group = GROUP_CONNECTION),                                                           \
        OPT_FLAG(type, at plain_http, 0, "plain-http", "use http, not https",                      \
                 .group = GROUP_CONNECTION),                                                       \
        OPT_TEXT(type, at ca_file, 0, "ca-file", "FILE", COMPLETE_FILE,                            \
                 "trust the CA certificates in FILE (PEM) too", .group = GROUP_CONNECTION)

/* Both, and the files with credentials, for a struct with a member `transfer`. */
#define CONNECT_OPTIONS(type) CONNECT_OPTIONS_NAMED(type, 'c', "config")
#define CONNECT_OPTIONS_NAMED(type, short_, name_)                                                 \
    OPT_LIST(type, transfer.credentials, short_, name_, "FILE", COMPLETE_FILE,                     \
             "read credentials from FILE: config.json, .dockercfg or a Kubernetes Secret",         \
             .group = GROUP_CREDENTIALS),                                                          \
        LOGIN_OPTIONS(type, transfer.login.), REACH_OPTIONS(type, transfer.reach.)

/* The options of commands that move images or read lists: CONNECT_OPTIONS and more. The files with
 * credentials have another option where --config is the configuration of a filter. */
#define TRANSFER_OPTIONS(type) TRANSFER_OPTIONS_NAMED(type, 'c', "config")
#define FILTER_TRANSFER_OPTIONS(type) TRANSFER_OPTIONS_NAMED(type, 0, "registry-config")
#define TRANSFER_OPTIONS_NAMED(type, short_, name_)                                                \
    CONNECT_OPTIONS_NAMED(type, short_, name_),                                                    \
        OPT_NUMBER(type, transfer.retries, 0, "retries", "N", 0, 100, 4,                           \
                   "try a request that failed N more times", .group = GROUP_CONNECTION),           \
        OPT_NUMBER(type, transfer.stall_timeout, 0, "stall-timeout", "SECONDS", 1, 86400, 60,      \
                   "give up when nothing moves for SECONDS", .group = GROUP_CONNECTION),           \
        OPT_NUMBER(type, transfer.timeout, 0, "timeout", "SECONDS", 0, 604800, 0,                  \
                   "give up when the work is not done after SECONDS", .zero = "never",             \
                   .group = GROUP_CONNECTION),                                                     \
        OPT_NUMBER(type, transfer.parallel, 'j', "jobs", "N", 1, 64, REGISTRY_PARALLEL,            \
                   "make up to N transfers at a time", .group = GROUP_CONNECTION),                 \
        OPT_FLAG(type, transfer.no_cache, 0, "no-cache",                                           \
                 "neither use nor keep what earlier runs learned of registries",                   \
                 .group = GROUP_CONNECTION)

struct transfer {
    struct store *store;
    struct registry *registry;
    struct registry_options options;
    char *password;                 /* owned; wiped at the end */
    struct auth_files files;        /* where credentials are looked for without --config */
    struct credential_place *named; /* the files of --config; owned */
    struct cache_dirs dirs;         /* empty with --no-cache */
};

/* Fails when the file of --ca-file cannot be read. */
int reach_check(const struct reach_args *args, struct err *err);
/* The options of a client that reaches registries in this way, without a login and without waiting
 * times. Signals are caught from now on. */
struct registry_options reach_options(const struct reach_args *args);

/* Makes the options of clients, and no client; as transfer_begin(). */
int transfer_prepare(struct transfer *transfer, const struct transfer_args *args, struct err *err);
/* Makes the client. `transfer` comes zeroed; `args` is lent until the end. */
int transfer_begin(struct transfer *transfer, const struct transfer_args *args, struct err *err);
/* The time of --timeout begins anew, for a command that does its work again; does nothing before
 * transfer_begin(). */
int transfer_renew(struct transfer *transfer, struct err *err);
/* Refuses references of two registries: a login on the command line is for one registry, and no
 * other registry may see it. `files`: an argument may also name a file. */
int transfer_check_login(const struct cli *cli, const struct transfer_args *args, bool files,
                         struct err *err);
/* Makes the client and opens the store, for a command whose arguments are references. */
int transfer_open(const struct cli *cli, const struct transfer_args *args, const char *store,
                  struct transfer *transfer, struct err *err);
void transfer_end(struct transfer *transfer); /* usable with AUTO(), even without a begin */
/* Prints REF@DIGEST on standard output, or REF alone if it names a digest. */
void transfer_print(const struct ref *ref, const struct digest *manifest);
/* Logs both digests of an image that was moved, and with `print` prints REF@DIGEST. */
void transfer_report(const struct ref *ref, const struct digest *manifest,
                     const struct digest *wasm, bool print);

#endif
