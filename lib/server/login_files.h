/* The files of logins, read again when they change. */
#ifndef WASME_SERVER_LOGIN_FILES_H
#define WASME_SERVER_LOGIN_FILES_H

#include <stdbool.h>
#include <sys/stat.h>

#include "server/htpasswd.h"
#include "server/tokens.h"

/* Which version of a file was read last. */
struct login_seen {
    bool looked, there;
    struct stat info;
};

struct login_files {
    const char *htpasswd_path, *tokens_path; /* lent; or NULL */
    struct htpasswd htpasswd;
    struct tokens tokens;
    struct login_seen htpasswd_seen, tokens_seen;
};

/* Reads what has changed since the last call; *changed: something was read. With an error, the
 * logins of the file are as they were, and the file is read again after its next change. */
int login_files_read(struct login_files *files, bool *changed, struct err *err);
/* Forgets which versions were read. */
void login_files_expire(struct login_files *files);
void login_files_release(struct login_files *files);

#endif
