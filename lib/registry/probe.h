/*
 * Looking into a registry step by step, for who wants to know why a push or a pull fails. Each
 * step is one request, or the few that a login takes. A step that fails is a result, not an error:
 * the functions fail with ERR_INTERRUPTED only.
 */
#ifndef WASME_REGISTRY_PROBE_H
#define WASME_REGISTRY_PROBE_H

#include "credential/find.h"
#include "http/details.h"
#include "http/http.h"
#include "image/ref.h"
#include "registry/challenge.h"

struct host;
struct registry;

/* What a request came to. Texts are owned. */
struct probe_answer {
    int rc;                    /* 0: a response came, whatever its status; else why not */
    enum http_outcome outcome; /* of the last exchange */
    int status;                /* 0: there is no response */
    char *words;               /* the refusal "404 Not Found: …" or the error; "" for a success */
    char *reason;              /* libcurl's own words, when the exchange failed; or "" */
    char *location;            /* where a redirect leads, or NULL */
    char *challenges;          /* values of WWW-Authenticate, each ended by a newline */
    time_t date;               /* the registry's clock; 0: not said */
};
void probe_answer_release(struct probe_answer *answer); /* usable with AUTO() */

/* How the registry is spoken to; what is found out on the way (see host.h) changes it. Lent. */
const struct host *probe_host(struct registry *registry, const char *server);
/* GET /v2/ without credentials. `details` are those of the connection. */
int probe_version(struct registry *registry, const char *server, struct http_details *details,
                  struct probe_answer *out, struct err *err);
/* The same with a client of its own that verifies nothing and sends no credentials, for a look at a
 * certificate that is refused. */
int probe_certificate(struct registry *registry, const char *server, struct http_details *details,
                      struct err *err);
/* The challenges of an answer, false when there are none that are well-formed: `err` is set when a
 * 401 has one that is not. A registry that is open in part has some in its 200. */
bool probe_challenges(const struct probe_answer *answer, struct challenge_list *list,
                      struct err *err);
/* The credential that the registry would get for the repository (NULL: for itself):
 * credential_find() with the client's options. */
int probe_credential(struct registry *registry, const char *server, const char *repository,
                     struct credential *out, struct err *err);
/* GET /v2/ with a login, where the registry asks for one or offers one. */
int probe_login(struct registry *registry, const char *server, struct probe_answer *out,
                struct err *err);
/* A request for a token; all of it is lent. */
struct probe_token_request {
    const char *server;
    const struct challenge *challenge; /* Bearer, with a realm */
    const struct credential *credential;
    const char *scope; /* "": a token for a mere login */
};
/*
 * Asks the realm of the challenge for a token. `*granted`, which the caller frees, is the access
 * that the token names (see struct claims), NULL when only the registry can read the token. Returns
 * what token_check_realm() and token_fetch() return.
 */
int probe_token(struct registry *registry, const struct probe_token_request *request,
                char **granted, struct err *err);
/* HEAD of the manifest when `tagged`, which no registry counts as a pull, and GET after a refusal
 * that has no words; otherwise GET of the list of tags. */
int probe_read(struct registry *registry, const struct ref *ref, bool tagged,
               struct probe_answer *out, struct err *err);
/* Begins an upload in the repository, and cancels it when it was begun (`cancel` is then filled):
 * nothing is sent, and nothing stays. */
int probe_push(struct registry *registry, const struct ref *ref, struct probe_answer *out,
               struct probe_answer *cancel, struct err *err);

#endif
