#include "cmd/transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/stop.h"
#include "cmd/interrupt.h"
#include "cmd/log.h"
#include "cmd/progress.h"
#include "cmd/secret.h"
#include "cmd/settings.h"
#include "cmd/trust_files.h"

static int take_login(struct transfer *transfer, const struct login_words *args, struct err *err)
{
    if (args->password && args->password_stdin)
        return err_set(err, ERR_USAGE, "give --password or --password-stdin, not both");
    if ((args->password || args->password_stdin) && !args->username)
        return err_set(err, ERR_USAGE, "a password needs --username too");
    if (args->username && !args->password && !args->password_stdin)
        return err_set(err, ERR_USAGE, "--username needs --password-stdin (or --password) too");
    if (args->password_stdin)
        return secret_from_stdin("--password-stdin", &transfer->password, err);
    transfer->password = args->password ? mem_dup(args->password) : NULL;
    return 0;
}

/* Takes the files of --config; without --config, those of wasme, Docker and podman. */
static void take_sources(struct transfer *transfer, const struct transfer_args *args)
{
    size_t count = args->credentials.count;
    transfer->named = mem_zero(count + 1, sizeof(*transfer->named));
    for (size_t i = 0; i < count; i++)
        transfer->named[i].name = args->credentials.items[i];
    auth_files_find(&transfer->files);
    transfer->options.login.places = count ? transfer->named : transfer->files.list;
}

int reach_check(const struct reach_args *args, struct err *err)
{
    if (args->ca_file && access(args->ca_file, R_OK) != 0)
        return err_errno(err, "--ca-file %s", args->ca_file);
    return 0;
}

struct registry_options reach_options(const struct reach_args *args)
{
    return (struct registry_options){
        .plain_http = args->plain_http,
        .insecure = args->insecure,
        .trust = trust_files_find(args->ca_file),
        .http_proxy = settings_http_proxy(),
        .notice = &log_notice,
        .user_agent = "wasme/" WASME_VERSION,
        .interrupted = interrupt_catch(),
    };
}

static int check_files(const struct transfer_args *args, struct err *err)
{
    for (size_t i = 0; i < args->credentials.count; i++) {
        if (access(args->credentials.items[i], R_OK) != 0)
            return err_errno(err, "--config %s", args->credentials.items[i]);
    }
    return reach_check(&args->reach, err);
}

int transfer_check_login(const struct cli *cli, const struct transfer_args *args, bool files,
                         struct err *err)
{
    AUTO(ref_release) struct ref first = {0};
    for (size_t i = 0; args->login.username && i < cli->arg_count; i++) {
        AUTO(ref_release) struct ref other = {0};
        if (settings_in_store(cli->args[i]) || (files && access(cli->args[i], F_OK) == 0) ||
            settings_ref(cli->args[i], &other, ERR_IGNORED) != 0)
            continue;
        if (!first.registry) {
            first = other;
            other = (struct ref){0};
        } else if (strcmp(first.registry, other.registry) != 0) {
            return err_set(err, ERR_USAGE,
                           "%s: --username is for one registry, and these are %s and %s: name "
                           "them in separate commands, or log in (wasme login)",
                           cli->command->name, first.registry, other.registry);
        }
    }
    return 0;
}

static void take_options(struct transfer *transfer, const struct transfer_args *args)
{
    struct registry_options *options = &transfer->options;
    *options = reach_options(&args->reach);
    options->retries = args->retries;
    options->stall_seconds = args->stall_timeout;
    options->total_seconds = args->timeout;
    options->parallel = args->parallel;
    options->progress = progress_update;
    options->login = (struct credential_sources){
        .username = args->login.username,
        .password = transfer->password,
        .notice = &log_notice,
        .interrupted = options->interrupted,
        .seconds = args->timeout,
    };
    if (!args->no_cache)
        cache_dirs_find(&transfer->dirs);
    options->cache_dir = transfer->dirs.cache;
    options->runtime_dir = transfer->dirs.runtime;
    take_sources(transfer, args);
}

int transfer_prepare(struct transfer *transfer, const struct transfer_args *args, struct err *err)
{
    secret_guard();
    int rc = check_files(args, err);
    if (!rc)
        rc = take_login(transfer, &args->login, err);
    if (!rc)
        take_options(transfer, args);
    return rc;
}

int transfer_begin(struct transfer *transfer, const struct transfer_args *args, struct err *err)
{
    int rc = transfer_prepare(transfer, args, err);
    if (rc)
        return rc;
    stop_when(transfer->options.interrupted, args->timeout);
    return registry_open(&transfer->options, &transfer->registry, err);
}

int transfer_renew(struct transfer *transfer, struct err *err)
{
    if (!transfer->registry)
        return 0;
    registry_close(STEAL(transfer->registry));
    stop_when(transfer->options.interrupted, transfer->options.total_seconds);
    return registry_open(&transfer->options, &transfer->registry, err);
}

int transfer_open(const struct cli *cli, const struct transfer_args *args, const char *store,
                  struct transfer *transfer, struct err *err)
{
    int rc = transfer_check_login(cli, args, false, err);
    if (!rc)
        rc = settings_store(store, &transfer->store, err);
    return rc ? rc : transfer_begin(transfer, args, err);
}

void transfer_end(struct transfer *transfer)
{
    store_close(transfer->store);
    registry_close(transfer->registry);
    mem_wipe(transfer->password);
    auth_files_release(&transfer->files);
    free(transfer->named);
    cache_dirs_release(&transfer->dirs);
}

void transfer_print(const struct ref *ref, const struct digest *manifest)
{
    bool pinned = ref->digest.text[0];
    printf("%s%s%s\n", ref->full, pinned ? "" : "@", pinned ? "" : manifest->text);
}

void transfer_report(const struct ref *ref, const struct digest *manifest,
                     const struct digest *wasm, bool print)
{
    log_infof("Digest: %s (image manifest)", manifest->text);
    log_infof("Wasm:   %s (filter.wasm)", wasm->text);
    if (print)
        transfer_print(ref, manifest);
}
