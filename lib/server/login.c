#include "server/login.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/mem.h"
#include "server/login_check.h"
#include "server/login_files.h"
#include "server/login_state.h"

enum { LOOK_MS = 1000, CREDENTIALS_MAX = REQUEST_HEAD_MAX };

/* Returns the text behind the scheme and its blanks, or NULL for another scheme. */
static const char *behind_scheme(const char *text, const char *scheme)
{
    size_t len = strlen(scheme);
    if (strncasecmp(text, scheme, len) != 0 || text[len] != ' ')
        return NULL;
    return text + len + strspn(text + len, " ");
}

bool login_parse_basic(const char *authorization, char **name, char **password)
{
    struct buf text AUTO(buf_wipe) = BUF_INIT(CREDENTIALS_MAX);
    const char *encoded = behind_scheme(authorization, "Basic");
    buf_reserve(&text);
    if (!encoded || base64_decode(encoded, &text, ERR_IGNORED) != 0)
        return false;
    const char *plain = buf_text(&text);
    const char *colon = strchr(plain, ':');
    if (!colon || strlen(plain) != text.len)
        return false;
    *name = mem_dup_n(plain, (size_t)(colon - plain));
    *password = mem_dup(colon + 1);
    return true;
}

static bool admit_bearer(const struct login *login, const char *token,
                         struct server_request *request, struct server_reply *reply)
{
    request->user = tokens_find(&login->files.tokens, token);
    if (request->user)
        return true;
    server_reply_field(reply, "WWW-Authenticate",
                       "Bearer realm=\"wasme\", error=\"invalid_token\"");
    login_refuse(login, request, reply, 401);
    return false;
}

static bool admit_password(struct login *login, const char *name, const char *password,
                           struct server_request *request, struct server_reply *reply)
{
    const struct htpasswd *htpasswd = &login->files.htpasswd;
    const struct htpasswd_user *user = htpasswd_find(htpasswd, name);
    if (user && login_is_verified(login, name, password)) {
        request->user = user->name;
        return true;
    }
    if (htpasswd->count)
        login_check(login, user, name, password, request, reply);
    else
        login_refuse(login, request, reply, 401);
    return false;
}

static bool admit_basic(struct login *login, struct server_request *request,
                        struct server_reply *reply)
{
    AUTO(mem_wipe_at) char *name = NULL;
    AUTO(mem_wipe_at) char *password = NULL;
    if (!login_parse_basic(request->authorization, &name, &password)) {
        login_refuse(login, request, reply, 401);
        return false;
    }
    request->user = tokens_find(&login->files.tokens, password);
    return request->user || admit_password(login, name, password, request, reply);
}

static void tell(const struct login *login, bool problem, const char *what)
{
    if (login->options.tell)
        login->options.tell(login->options.arg, problem, what);
}

/* Reads what has changed of the files. */
static void look(struct login *login)
{
    AUTO(err_release) struct err err = ERR_INIT;
    bool changed;
    if (login_files_read(&login->files, &changed, &err)) {
        AUTO_FREE char *text =
            mem_printf("%s: the logins from before go on to count", err_text(&err));
        tell(login, true, text);
    }
    if (changed) {
        login_forget(login);
        tell(login, false, "the files of logins were read again");
    }
    login->look_again = clock_ms() + LOOK_MS;
}

bool login_admit(void *opaque, struct server_request *request, struct server_reply *reply)
{
    struct login *login = opaque;
    if (clock_ms() >= login->look_again)
        look(login);
    if (!request->authorization) {
        login_refuse(login, request, reply, 401);
        return false;
    }
    const char *token = behind_scheme(request->authorization, "Bearer");
    return token ? admit_bearer(login, token, request, reply) : admit_basic(login, request, reply);
}

void login_reload(struct login *login)
{
    login_files_expire(&login->files);
    look(login);
}

static int check_not_empty(const struct login_files *files, struct err *err)
{
    if (files->htpasswd_path && !files->htpasswd.count)
        return err_set(err, ERR_DAMAGED, "%s has no users: add one with `htpasswd -B %s NAME`",
                       files->htpasswd_path, files->htpasswd_path);
    if (files->tokens_path && !files->tokens.count)
        return err_set(err, ERR_DAMAGED, "%s has no tokens: make one with `openssl rand -hex 32`",
                       files->tokens_path);
    return 0;
}

int login_open(const struct login_options *options, struct login **out, struct err *err)
{
    struct login *login = mem_zero(1, sizeof(*login));
    bool changed;
    login->options = *options;
    login->files.htpasswd_path = options->htpasswd;
    login->files.tokens_path = options->tokens;
    login_state_begin(login);
    int rc = keyed_init(&login->keyed, err);
    if (!rc)
        rc = login_files_read(&login->files, &changed, err);
    if (!rc)
        rc = check_not_empty(&login->files, err);
    if (rc)
        login_free(login);
    else
        *out = login;
    return rc;
}

void login_free(struct login *login)
{
    if (!login)
        return;
    login_files_release(&login->files);
    login_state_end(login);
    explicit_bzero(&login->keyed, sizeof(login->keyed));
    free(login);
}
