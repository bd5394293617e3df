/*
 * Harbor's own API, version 2.0, for things that the distribution API lacks or does not allow. The
 * API takes only Basic logins; see AUTH_SCOPE_API.
 */
#ifndef WASME_REGISTRY_HARBOR_H
#define WASME_REGISTRY_HARBOR_H

#include <time.h>

#include "registry/client.h"
#include "registry/names.h"

#define HARBOR_INFO_MAX (64 * 1024) /* bytes of the answer that shows that a Harbor is there */
#define HARBOR_TAGS_MAX 1000        /* tags of one artifact; further ones are left out */

/* Finds out whether the host is a Harbor, by one request without a login; later calls remember the
 * answer. An error means that the user interrupted, or that the host cannot be reached. */
int harbor_detect(struct registry *registry, struct host *host, bool *out, struct err *err);

/* Checks that Harbor takes the login of this client: with a wrong one, its lists would silently
 * show only public things. ERR_DENIED: the login is refused. Without a login, the result is 0, and
 * the user is told. */
int harbor_check_login(struct registry *registry, struct host *host, struct err *err);

/* Adds the repositories that the account may see. With a term (or NULL), other names than those
 * with the term in them may be left out. */
int harbor_repositories(struct registry *registry, struct host *host, const char *term,
                        struct name_list *out, struct err *err);

struct harbor_artifact {
    struct digest digest; /* of the manifest */
    long long size;       /* of all its blobs; -1: not known */
    time_t pushed;        /* 0: not known */
    struct registry_names tags;
};
void harbor_artifact_release(struct harbor_artifact *artifact); /* usable with AUTO() */

/* One of several lists of artifacts: those of a repository or, if the Harbor can do that, those of
 * a whole project. */
struct harbor_artifacts {
    const char *repository; /* lent */
    const char *project;    /* lent; in place of `repository`; or NULL */
    /* Called for each artifact; an error of the function ends the list. */
    int (*visit)(void *arg, const char *repository, const struct harbor_artifact *artifact,
                 struct err *err);
    void *arg;
    int rc; /* 0, or why the list is not complete, with `err`, which the caller releases */
    struct err err;
};
/* Fetches the lists side by side. The user is warned about an artifact that cannot be understood.
 * An error means that all lists were given up. */
int harbor_artifacts(struct registry *registry, struct host *host, struct harbor_artifacts *lists,
                     size_t count, struct err *err);
/* Fetches the artifact of a tag or digest (`key`). Harbor does not count that as a pull, as it does
 * the GET of a manifest. */
int harbor_artifact(const struct repository *repo, const char *key, struct harbor_artifact *out,
                    struct err *err);
/* Removes only the tag, from the artifact with the digest or tag `key`. */
int harbor_remove_tag(const struct repository *repo, const char *key, const char *tag,
                      struct err *err);
/* Removes the artifact and all its tags. */
int harbor_remove_artifact(const struct repository *repo, const struct digest *digest,
                           struct err *err);

#endif
