/*
 * Examines a registry step by step, for somebody who wants to know why a push or a pull fails
 * (wasme doctor). A step is one request, or the few requests of a login. A step that fails is a
 * result and not an error: the functions fail only with ERR_INTERRUPTED, unless they say otherwise.
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

/* The answer to a request, or the failure of it. Texts are owned. */
struct probe_answer {
    int rc;                    /* 0: a response of any status came; else why none came */
    enum http_outcome outcome; /* of the last exchange */
    int status;                /* 0: no response came */
    char *words;               /* the refusal "404 Not Found: …" or the error; "" for a success */
    char *reason;              /* libcurl's own words, when the exchange failed; or "" */
    char *location;            /* where a redirect leads, or NULL */
    char *challenges;          /* values of WWW-Authenticate, each ended by a newline */
    time_t date;               /* the time of the registry's clock; 0: not known */
};
void probe_answer_release(struct probe_answer *answer); /* usable with AUTO() */

/* The host of the server; lent. Later requests may change its members: see host.h. */
const struct host *probe_host(struct registry *registry, const char *server);
/* The realm where the server sent the client for a token in this run; lent; NULL: it sent it
 * nowhere. */
const char *probe_realm(struct registry *registry, const char *server);
/* Sends GET /v2/ without credentials. `details` gets those of the connection. */
int probe_version(struct registry *registry, const char *server, struct http_details *details,
                  struct probe_answer *out, struct err *err);
/* The same with a new client that verifies no certificate and sends no credentials, so that a
 * certificate that is refused can be shown. */
int probe_certificate(struct registry *registry, const char *server, struct http_details *details,
                      struct err *err);
/* Reads the challenges of an answer. False: there are none; `err` is set when a 401 has a malformed
 * one. The 200 of a registry that is open in part has challenges too. */
bool probe_challenges(const struct probe_answer *answer, struct challenge_list *list,
                      struct err *err);
/* Finds the credential that the registry would get for the repository (NULL: for the registry as a
 * whole), by credential_find(). Returns the error of that search; a place that a pull would do
 * without is an error too. */
int probe_credential(struct registry *registry, const char *server, const char *repository,
                     struct credential *out, struct err *err);
/* Sends GET /v2/, with a login when the registry asks for one or offers one. */
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
/* Reads from the repository. `tagged`: the manifest by HEAD, which no registry counts as a pull,
 * and after a refusal by GET, whose answer has words. Otherwise the list of tags by GET. */
int probe_read(struct registry *registry, const struct ref *ref, bool tagged,
               struct probe_answer *out, struct err *err);
/* Begins an upload in the repository, and cancels it when that succeeds; `cancel` then has the
 * answer to that. No blob is sent, and nothing stays in the repository. */
int probe_push(struct registry *registry, const struct ref *ref, struct probe_answer *out,
               struct probe_answer *cancel, struct err *err);

#endif
