/* Logins for https, from git's own helpers: `git credential fill`, which also asks on the terminal
 * (gitcredentials(7), git-credential(1)). Secrets pass through pipes alone. */
#ifndef WASME_GIT_LOGIN_H
#define WASME_GIT_LOGIN_H

#include "credential/credential.h"
#include "git/options.h"
#include "git/spec.h"

#define LOGIN_SECONDS                                                                              \
    60 /* a helper that gives no answer for so long is ended, without a terminal */
#define LOGIN_MAX (16 * 1024) /* bytes of an answer; more is an error */

struct git_login {
    struct credential credential; /* a user and a password */
    bool from_helper;             /* the helper wants to hear how it went */
};

/* Asks for the login of the host of `at`. ERR_DENIED: there is none. */
int git_login_find(const struct git_options *options, const struct git_spec *at, const char *folder,
                   struct git_login *out, struct err *err);
/* Tells the helpers whether the server accepted the login; a failure is not told. */
void git_login_tell(const struct git_options *options, const struct git_spec *at,
                    const char *folder, const struct git_login *login, bool accepted);
void git_login_release(struct git_login *login); /* usable with AUTO() */

#endif
