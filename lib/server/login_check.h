/* A password that is checked against its hash, in a worker thread. */
#ifndef WASME_SERVER_LOGIN_CHECK_H
#define WASME_SERVER_LOGIN_CHECK_H

#include "server/htpasswd.h"
#include "server/login_state.h"

/*
 * Makes the reply: a job that checks the password, after which the request is answered anew or
 * refused; or a refusal at once, when the client failed too often. `user`: NULL when there is none
 * of this name; the check then takes as long as for a user, and fails.
 */
void login_check(struct login *login, const struct htpasswd_user *user, const char *name,
                 const char *password, const struct server_request *request,
                 struct server_reply *reply);

#endif
