/* The state of all logins: the files, and what is remembered of clients. */
#ifndef WASME_SERVER_LOGIN_STATE_H
#define WASME_SERVER_LOGIN_STATE_H

#include <pthread.h>
#include <stdint.h>

#include "server/attempts.h"
#include "server/keyed.h"
#include "server/login.h"
#include "server/login_files.h"
#include "server/known_logins.h"

enum { LOGIN_CHECKS_MAX = 256 }; /* passwords that wait for their check; more are answered 503 */

struct login_outcome;

struct login {
    struct login_options options;
    struct keyed keyed;
    struct login_files files; /* of the server's own thread, as look_again */
    int64_t look_again;       /* ms */
    pthread_mutex_t lock;     /* for all below */
    struct known_logins *verified;
    struct attempts *attempts;
    unsigned version; /* counts the changes of the files */
    int checks;
    struct login_outcome *outcomes; /* of the checks; see login_check.c */
};

void login_state_begin(struct login *login);
void login_state_end(struct login *login);
/* Forgets which logins were right, and which were wrong. */
void login_forget(struct login *login);
/* Was the password found right since the files changed? */
bool login_is_verified(struct login *login, const char *name, const char *password);
/* Makes the reply: 401 with a challenge, 429, or 503. */
void login_refuse(const struct login *login, const struct server_request *request,
                  struct server_reply *reply, int status);

#endif
