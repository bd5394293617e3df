#include "git/login.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/process.h"

static void describe(const struct git_spec *at, struct buf *out)
{
    buf_printf(out, "protocol=%s\nhost=%s%s%s\n", at->scheme == GIT_SCHEME_HTTP ? "http" : "https",
               at->host, at->port ? ":" : "", at->port ? at->port : "");
    buf_printf(out, "path=%s\n", at->path + 1);
}

/* Runs `git credential ACTION`. The folder is no repository, whose configuration would count. */
static int run(const struct git_options *options, const char *action, const struct buf *input,
               const char *folder, struct buf *reply, struct err *err)
{
    const char *const argv[] = {"git", "credential", action, NULL};
    const char *const quiet[] = {"GIT_TERMINAL_PROMPT=0", NULL};
    struct buf dropped AUTO(buf_wipe) = BUF_INIT(1);
    const struct process process = {
        .argv = argv,
        .cwd = folder,
        .env = options->terminal ? NULL : quiet,
        .input = buf_text(input),
        .input_len = input->len,
        .own_group = !options->terminal, /* else a helper could not ask there */
        .output = process_fill(reply ? reply : &dropped),
        .seconds = options->terminal ? 0 : LOGIN_SECONDS,
        .interrupted = options->interrupted,
    };
    int status = 0;
    int rc = process_run(&process, &status, err);
    if (rc == ERR_TRANSIENT)
        return err_set(err, ERR_FAILED, "git credential %s gave no answer in %d seconds", action,
                       LOGIN_SECONDS);
    if (rc || !status)
        return rc;
    return err_set(err, ERR_DENIED, "git credential %s ends with status %d", action, status);
}

/* The value of the line "KEY=…"; NULL: there is none. */
static char *value_of(const char *text, const char *key)
{
    size_t len = strlen(key);
    for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n')
        if (strncmp(at, key, len) == 0 && at[len] == '=')
            return mem_dup_n(at + len + 1, strcspn(at + len + 1, "\n"));
    return NULL;
}

static int no_login(const struct git_spec *at, const char *why, struct err *err)
{
    return err_set(err, ERR_DENIED,
                   "%s wants a login, and %s: store one by git's credential helper "
                   "(git credential approve), or run the command on a terminal",
                   at->host, why);
}

int git_login_find(const struct git_options *options, const struct git_spec *at, const char *folder,
                   struct git_login *out, struct err *err)
{
    struct buf input AUTO(buf_release) = BUF_INIT(LOGIN_MAX);
    struct buf reply AUTO(buf_wipe) = BUF_INIT(LOGIN_MAX);
    AUTO(err_release) struct err why = ERR_INIT;
    describe(at, &input);
    if (at->user)
        buf_printf(&input, "username=%s\n", at->user);
    buf_add_char(&input, '\n');
    buf_reserve(&reply);
    int rc = run(options, "fill", &input, folder, &reply, &why);
    if (rc == ERR_INTERRUPTED)
        return err_move(err, &why);
    if (rc == ERR_NOT_FOUND)
        return no_login(at, "git is not installed, whose helpers would know one", err);
    if (rc == ERR_DENIED)
        return no_login(at, "git's helpers have none for it", err);
    if (rc)
        return no_login(at, err_text(&why), err);
    AUTO(credential_wipe) char *user = value_of(buf_text(&reply), "username");
    AUTO(credential_wipe) char *password = value_of(buf_text(&reply), "password");
    if (!user || !password)
        return no_login(at, "git's helpers answer without a user and a password", err);
    *out = (struct git_login){.from_helper = true};
    out->credential.username = STEAL(user);
    out->credential.password = STEAL(password);
    return 0;
}

void git_login_tell(const struct git_options *options, const struct git_spec *at,
                    const char *folder, const struct git_login *login, bool accepted)
{
    struct buf input AUTO(buf_wipe) = BUF_INIT(LOGIN_MAX);
    if (!login->from_helper)
        return;
    buf_reserve(&input);
    describe(at, &input);
    buf_printf(&input, "username=%s\npassword=%s\n\n", login->credential.username,
               login->credential.password);
    (void)run(options, accepted ? "approve" : "reject", &input, folder, NULL, ERR_IGNORED);
}

void git_login_release(struct git_login *login)
{
    credential_release(&login->credential);
    login->from_helper = false;
}
