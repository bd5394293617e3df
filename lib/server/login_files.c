#include "server/login_files.h"

#include <fcntl.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "server/password.h"

static bool has_changed(const char *path, struct login_seen *seen)
{
    struct login_seen now = {.looked = true};
    now.there = stat(path, &now.info) == 0;
    bool same = seen->looked && seen->there == now.there &&
                (!now.there || file_is_same(&seen->info, &now.info));
    *seen = now;
    return !same;
}

static int read_text(const char *path, struct buf *out, struct err *err)
{
    buf_reserve(out);
    int rc = file_read(AT_FDCWD, path, path, out, err);
    if (!rc && strlen(buf_text(out)) != out->len)
        return err_set(err, ERR_DAMAGED, "%s holds a NUL", path);
    return rc;
}

static int read_htpasswd(struct login_files *files, struct err *err)
{
    struct buf text AUTO(buf_wipe) = BUF_INIT(HTPASSWD_BYTES_MAX);
    struct htpasswd read = {.users = NULL};
    int rc = password_load(err);
    if (!rc)
        rc = read_text(files->htpasswd_path, &text, err);
    if (!rc)
        rc = htpasswd_parse(buf_text(&text), files->htpasswd_path, &read, err);
    if (rc)
        return rc;
    htpasswd_release(&files->htpasswd);
    files->htpasswd = read;
    return 0;
}

static int read_tokens(struct login_files *files, struct err *err)
{
    struct buf text AUTO(buf_wipe) = BUF_INIT(TOKENS_BYTES_MAX);
    struct tokens read = {.items = NULL};
    int rc = read_text(files->tokens_path, &text, err);
    if (!rc)
        rc = tokens_parse(buf_text(&text), files->tokens_path, &read, err);
    if (rc)
        return rc;
    tokens_release(&files->tokens);
    files->tokens = read;
    return 0;
}

int login_files_read(struct login_files *files, bool *changed, struct err *err)
{
    int rc = 0;
    *changed = false;
    if (files->htpasswd_path && has_changed(files->htpasswd_path, &files->htpasswd_seen)) {
        rc = read_htpasswd(files, err);
        *changed = !rc;
    }
    if (!rc && files->tokens_path && has_changed(files->tokens_path, &files->tokens_seen)) {
        rc = read_tokens(files, err);
        *changed = *changed || !rc;
    }
    return rc;
}

void login_files_expire(struct login_files *files)
{
    files->htpasswd_seen.looked = files->tokens_seen.looked = false;
}

void login_files_release(struct login_files *files)
{
    htpasswd_release(&files->htpasswd);
    tokens_release(&files->tokens);
}
