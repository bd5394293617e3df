/*
 * A source in git, as `docker build` writes it: URL#REF:DIR. REF is a branch, a tag or the full id
 * of a commit; DIR is a folder in the repository. Both may be missing.
 */
#ifndef WASME_GIT_SPEC_H
#define WASME_GIT_SPEC_H

#include <stdbool.h>

#include "base/err.h"

#define GIT_SPEC_MAX 4096 /* bytes of the whole text; more is an error */

enum git_scheme { GIT_SCHEME_HTTPS, GIT_SCHEME_HTTP, GIT_SCHEME_SSH, GIT_SCHEME_FILE };

/* All texts are owned. */
struct git_spec {
    enum git_scheme scheme;
    char *url;      /* without a password, and for http also without the user: may be shown */
    char *user;     /* NULL: none */
    char *password; /* NULL: none; never shown */
    char *host;     /* an IPv6 address stands in brackets; NULL for a file */
    char *port;     /* NULL: the scheme's own */
    char *path;     /* http: as in the address, with its '/'; else decoded, as the peer gets it */
    char *ref;      /* NULL: the repository's default branch */
    char *dir;      /* without '/' at either end, and without ".."; NULL: the whole repository */
};

/* Does the text look like an address, and not like a path? True also for an address that is
 * refused, as git://. */
bool git_spec_is_url(const char *text);
/* ERR_USAGE: the text is no address of git that wasme fetches from. The error shows no password. */
int git_spec_parse(const char *text, struct git_spec *out, struct err *err);
/*
 * The address of a submodule, as .gitmodules of the repository at `parent` writes it: absolute, or
 * relative ("../x.git", gitmodules(5)). A submodule gets no login of its parent's unless it is on
 * the same host by the same scheme. ERR_DENIED: a repository from elsewhere names a path or a
 * service of this machine.
 */
int git_spec_of_submodule(const struct git_spec *parent, const char *url, struct git_spec *out,
                          struct err *err);
/* Are both on the same host and port, reached by the same scheme? */
bool git_spec_same_host(const struct git_spec *a, const struct git_spec *b);
void git_spec_release(struct git_spec *spec); /* usable with AUTO() */

#endif
