/*
 * Logins of clients: HTTP Basic (RFC 7617) against a file of htpasswd, and bearer tokens (RFC
 * 6750). A token also counts as the password of a Basic login with any name, since most clients of
 * registries know no other way to send one.
 *
 * A password is checked against its hash in a worker thread, once: the server then remembers the
 * login by a keyed digest until the file changes. Failed logins are limited for each address, and
 * for each user of an address (429).
 */
#ifndef WASME_SERVER_LOGIN_H
#define WASME_SERVER_LOGIN_H

#include <stdbool.h>

#include "base/err.h"
#include "server/reply.h"
#include "server/request.h"

/* All is lent until the login is freed. */
struct login_options {
    const char *htpasswd; /* path; NULL: there are no passwords */
    const char *tokens;   /* path; NULL: there are no tokens */
    /* May change the reply to a refused request: a status of 401, 429 or 503, and its fields. May
     * be called in a worker thread. NULL: nothing changes. */
    void (*refuse)(const struct server_request *request, struct server_reply *reply);
    /* Told of files that were read again, and of those that could not be read; or NULL. */
    void (*tell)(void *arg, bool problem, const char *what);
    void *arg;
};

struct login;

/* Reads the files. ERR_DAMAGED and ERR_UNSUPPORTED name the file and the line, also for a file
 * without any login. */
int login_open(const struct login_options *options, struct login **out, struct err *err);
/* Reads the files again. A file that cannot be read is told; its former logins then stay. */
void login_reload(struct login *login);
/* For `admit` of the server's options; `login` is a struct login. Looks once a second whether the
 * files have changed. */
bool login_admit(void *login, struct server_request *request, struct server_reply *reply);
/* Reads "Basic" credentials: the name, and the password behind the first ':'. False: malformed. The
 * caller wipes and frees both. */
bool login_parse_basic(const char *authorization, char **name, char **password);
void login_free(struct login *login);

#endif
