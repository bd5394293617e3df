/*
 * Harbor's own API, version 2.0: what the distribution API lacks or closes. It takes Basic logins
 * only; see AUTH_SCOPE_API.
 */
#ifndef WASME_REGISTRY_HARBOR_H
#define WASME_REGISTRY_HARBOR_H

#include <time.h>

#include "registry/client.h"
#include "registry/names.h"

#define HARBOR_INFO_MAX (64 * 1024) /* bytes of the answer that shows that it is there */
#define HARBOR_TAGS_MAX 1000        /* of one artifact; further ones are left out */

/* Is the host a Harbor? Costs one request without a login, the first time. An error only when the
 * user stops it or the host cannot be reached. */
int harbor_detect(struct registry *registry, struct host *host, bool *out, struct err *err);

/* Does it take the login that there is? Its lists answer a wrong one as they do anybody, with what
 * is public. ERR_DENIED when not; 0 too when there is none, which is told. */
int harbor_check_login(struct registry *registry, struct host *host, struct err *err);

/* The repositories that the account may see; those with the term (NULL: any) in their names, or
 * more. */
int harbor_repositories(struct registry *registry, struct host *host, const char *term,
                        struct name_list *out, struct err *err);

struct harbor_artifact {
    struct digest digest; /* of the manifest */
    long long size;       /* of all its blobs; -1: not known */
    time_t pushed;        /* 0: not known */
    struct registry_names tags;
};
void harbor_artifact_release(struct harbor_artifact *artifact); /* usable with AUTO() */

/* The artifacts of one of several repositories or, where a Harbor can do that, projects. */
struct harbor_artifacts {
    const char *repository; /* lent */
    const char *project;    /* all of its repositories; lent; NULL: `repository` */
    /* Called for each; its error ends the walk through this repository. */
    int (*visit)(void *arg, const char *repository, const struct harbor_artifact *artifact,
                 struct err *err);
    void *arg;
    int rc; /* 0, or why these are not all, with `err`, which the caller releases */
    struct err err;
};
/* Side by side. An artifact that cannot be understood is a warning. An error means that all was
 * given up. */
int harbor_artifacts(struct registry *registry, struct host *host, struct harbor_artifacts *lists,
                     size_t count, struct err *err);
/* The artifact of a tag or digest. No pull is counted, as one is for a manifest's GET. */
int harbor_artifact(const struct repository *repo, const char *key, struct harbor_artifact *out,
                    struct err *err);
/* Removes the tag only, of the artifact with that digest or tag (`key`). */
int harbor_remove_tag(const struct repository *repo, const char *key, const char *tag,
                      struct err *err);
/* Removes the artifact, with all its tags. */
int harbor_remove_artifact(const struct repository *repo, const struct digest *digest,
                           struct err *err);

#endif
