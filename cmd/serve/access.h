/* Who may use the server: the networks of --allow, and logins. */
#ifndef WASME_CMD_SERVE_ACCESS_H
#define WASME_CMD_SERVE_ACCESS_H

#include "cmd/command.h"
#include "cmd/serve/service.h"
#include "server/login.h"
#include "server/server.h"

struct serve_access_args {
    struct option_list allow;
    const char *htpasswd;
    const char *tokens;
    bool plain;
};

/* The options' rows in the table of serve; `field` is a struct serve_access_args in `type`. */
/* A member of a member cannot stand in parentheses here. */
/* NOLINTBEGIN(bugprone-macro-parentheses) */
#define SERVE_ACCESS_OPTIONS(type, field)                                                          \
    OPT_LIST(type, field.allow, 0, "allow", "CIDR", COMPLETE_NONE,                                 \
             "let only clients of this network connect", .otherwise = "all"),                      \
        OPT_TEXT(type, field.htpasswd, 0, "htpasswd", "FILE", COMPLETE_FILE,                       \
                 "ask clients for a login of this file (htpasswd -B)", .otherwise = "no login"),   \
        OPT_TEXT(type, field.tokens, 0, "token-file", "FILE", COMPLETE_FILE,                       \
                 "accept the bearer tokens of this file, one a line", .otherwise = "none"),        \
        OPT_FLAG(type, field.plain, 0, "plain-login",                                              \
                 "ask for logins without TLS, behind a proxy that ends TLS")
/* NOLINTEND(bugprone-macro-parentheses) */

struct serve_access {
    struct network *networks; /* owned */
    size_t network_count;
    struct login *login; /* owned; NULL: nobody is asked for one */
    bool plain;
};

/* Reads what the options say. serve_access_release() frees the result, also after an error. */
int serve_access_open(const struct serve_access_args *args, struct serve_access *out,
                      struct err *err);
/* Makes the server ask, and reads the files again after SIGHUP. `access` must last as long as the
 * server. */
void serve_access_use(struct serve_access *access, struct server_options *options,
                      struct serve_service *service);
/* ERR_USAGE: logins would cross a network without TLS. */
int serve_access_check(const struct serve_access *access, const struct server *server, bool tls,
                       struct err *err);
void serve_access_release(struct serve_access *access); /* usable with AUTO() */

#endif
