/* How sources in git are reached: decisions of the program. All is lent. */
#ifndef WASME_GIT_OPTIONS_H
#define WASME_GIT_OPTIONS_H

#include <stdbool.h>

#include "base/notice.h"
#include "http/trust.h"

struct git_options {
    bool insecure;   /* certificates are not verified */
    bool plain_http; /* http:// is allowed, also for hosts that are not this machine */
    struct trust_sources trust;
    const char *http_proxy; /* see struct http_settings; or NULL */
    const char *user_agent;
    const struct notice *notice;
    const volatile int *interrupted; /* see struct process; or NULL */
    long stall_seconds;              /* a server that sends nothing for so long is given up */
    bool terminal;                   /* somebody is there whom programs may ask */
    const char *ssh_command;         /* a command of the shell, as GIT_SSH_COMMAND; or NULL */
    const char *ssh_program;         /* the program in place of "ssh", as GIT_SSH; or NULL */
};

#endif
