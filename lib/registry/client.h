/* The state that a client keeps from call to call, and the repository that a call is about. */
#ifndef WASME_REGISTRY_CLIENT_H
#define WASME_REGISTRY_CLIENT_H

#include "registry/auth.h"
#include "registry/seen.h"
#include "registry/transport.h"

struct registry {
    struct transport transport;
    struct auth *auth;
    char **known; /* "host/repository@digest" of blobs that are there; each owned */
    size_t known_count;
    struct seen seen; /* blobs that were there in this run or an earlier one */
};

/* A repository, and the access that calls to it need. */
struct repository {
    struct registry *registry;
    struct host *host; /* lent by the transport */
    const char *path;  /* "library/foo" */
    char *scope;       /* owned */
};

void repository_init(struct repository *repo, struct registry *registry, const struct ref *ref,
                     const char *actions);
void repository_release(struct repository *repo); /* usable with AUTO() */

/* A request to a path on a host; all of it is lent. */
struct client_request {
    struct registry *registry;
    struct host *host;
    const char *what; /* for people: "tags of a/b" */
    const char *path; /* with its query */
    const char *scope;
};

/* Sends the request with the method DELETE. An error has the registry's words; `*status` is the
 * status of the response, 0 when there was none. */
int client_delete(const struct client_request *request, int *status, struct err *err);

/* Is the blob known to be in the repository, from this run? */
bool client_knows(const struct repository *repo, const struct digest *digest);
/* Notes that the blob is in the repository, for this run, and as a hint for later ones. */
void client_learn(const struct repository *repo, const struct digest *digest);
/* Has this run or an earlier one seen the blob in the repository? That is a hint: the blob may have
 * been removed since. */
bool client_seen(const struct repository *repo, const struct digest *digest);
/* Notes that the blob was in the repository, as a hint alone. */
void client_note(const struct repository *repo, const struct digest *digest);
/* The same two of a whole image, which the repository had under `key`, a tag or a digest. */
bool client_seen_image(const struct repository *repo, const char *key, const struct digest *digest);
void client_note_image(const struct repository *repo, const char *key, const struct digest *digest);
/* Forgets which blobs are known to be in any repository. */
void client_forget_all(struct registry *registry);

#endif
