#include "cmd/transfer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cmd/interrupt.h"
#include "cmd/log.h"
#include "cmd/progress.h"
#include "cmd/settings.h"

enum { PASSWORD_MAX = 64 * 1024, RETRIES = 4, STALL_SECONDS = 60 };

void transfer_defaults(struct transfer_args *args)
{
    args->retries = RETRIES;
    args->stall_timeout = STALL_SECONDS;
}

static int read_password(char **out, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(PASSWORD_MAX);
    int rc = file_read_fd(STDIN_FILENO, "the password from standard input", &text, err);
    if (rc)
        return rc;
    size_t len = text.len;
    while (len && (text.data[len - 1] == '\n' || text.data[len - 1] == '\r'))
        len--;
    *out = mem_dup_n(buf_text(&text), len);
    explicit_bzero(text.data, text.len);
    return **out ? 0 : err_set(err, ERR_USAGE, "--password-stdin: standard input has no password");
}

static int take_login(struct transfer *transfer, const struct transfer_args *args, struct err *err)
{
    if (args->password && args->password_stdin)
        return err_set(err, ERR_USAGE, "give --password or --password-stdin, not both");
    if ((args->password || args->password_stdin) && !args->username)
        return err_set(err, ERR_USAGE, "a password needs --username too");
    if (args->username && !args->password && !args->password_stdin)
        return err_set(err, ERR_USAGE, "--username needs --password-stdin (or --password) too");
    if (args->password_stdin)
        return read_password(&transfer->password, err);
    transfer->password = args->password ? mem_dup(args->password) : NULL;
    return 0;
}

/* The files of --config; without any, where the original and Docker keep theirs. */
static void take_auth_files(struct transfer *transfer, const struct transfer_args *args)
{
    if (args->credentials.count) {
        transfer->options.auth_files = args->credentials.items;
        return;
    }
    char *home = NULL;
    size_t n = 0;
    if (settings_home(&home, NULL) == 0)
        transfer->files[n++] = mem_printf("%s/credentials.json", home);
    free(home);
    const char *docker = getenv("DOCKER_CONFIG"), *user_home = getenv("HOME");
    if (docker && *docker)
        transfer->files[n++] = mem_printf("%s/config.json", docker);
    else if (user_home && *user_home)
        transfer->files[n++] = mem_printf("%s/.docker/config.json", user_home);
    transfer->auth_files = mem_zero(n + 1, sizeof(*transfer->auth_files));
    for (size_t i = 0; i < n; i++)
        transfer->auth_files[i] = transfer->files[i];
    transfer->options.auth_files = transfer->auth_files;
}

static int check_files(const struct transfer_args *args, struct err *err)
{
    for (size_t i = 0; i < args->credentials.count; i++) {
        if (access(args->credentials.items[i], R_OK) != 0)
            return err_errno(err, "--config %s", args->credentials.items[i]);
    }
    if (args->ca_file && access(args->ca_file, R_OK) != 0)
        return err_errno(err, "--ca-file %s", args->ca_file);
    return 0;
}

int transfer_begin(struct transfer *transfer, const struct transfer_args *args, struct err *err)
{
    *transfer = (struct transfer){0};
    int rc = check_files(args, err);
    if (!rc)
        rc = take_login(transfer, args, err);
    if (rc)
        return rc;
    transfer->options = (struct registry_options){
        .plain_http = args->plain_http,
        .insecure = args->insecure,
        .ca_file = args->ca_file,
        .username = args->username,
        .password = transfer->password,
        .retries = args->retries,
        .stall_seconds = args->stall_timeout,
        .notice = &log_notice,
        .user_agent = "wasme/" WASME_VERSION,
        .progress = progress_update,
        .interrupted = interrupt_catch(),
    };
    take_auth_files(transfer, args);
    return registry_open(&transfer->options, &transfer->registry, err);
}

void transfer_end(struct transfer *transfer)
{
    registry_close(transfer->registry);
    if (transfer->password)
        explicit_bzero(transfer->password, strlen(transfer->password));
    free(transfer->password);
    for (size_t i = 0; i < COUNT(transfer->files); i++)
        free(transfer->files[i]);
    free(transfer->auth_files);
    *transfer = (struct transfer){0};
}
