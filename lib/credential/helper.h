/*
 * Programs that keep credentials: docker-credential-NAME get|store|erase, which take their input on
 * standard input and answer on standard output (the protocol of docker-credential-helpers). What a
 * program says on standard error goes to ours.
 */
#ifndef WASME_CREDENTIAL_HELPER_H
#define WASME_CREDENTIAL_HELPER_H

#include "base/err.h"
#include "credential/credential.h"

#define HELPER_REPLY_MAX (64 * 1024) /* bytes of an answer */
#define HELPER_WORDS_MAX 400         /* bytes of a complaint that are repeated */

/* A program, and how the user comes to it. The name is one that credential_config.h lets through.
 */
struct helper {
    const char *name;
    const char *origin;              /* for errors: "credsStore in /path/config.json" */
    const volatile int *interrupted; /* see struct process; or NULL */
    long seconds;                    /* for an answer; 0: no limit */
};

/*
 * Each of these speaks of a registry as references do, and translates its name. A program that
 * fails is ERR_FAILED with its words, one that is not installed ERR_NOT_FOUND, one that the user
 * interrupts ERR_INTERRUPTED; all name the program and the origin.
 */

/* The credential, without a source; empty when the program has none. */
int helper_get(const struct helper *helper, const char *registry, struct credential *out,
               struct err *err);
/* A user with a password, or an identity token. */
int helper_store(const struct helper *helper, const char *registry,
                 const struct credential *credential, struct err *err);
/* One that is not there is fine. */
int helper_erase(const struct helper *helper, const char *registry, struct err *err);

/* What a `get` answers: {"Username": …, "Secret": …}. ERR_DAMAGED when it does not. */
int helper_read_reply(const char *text, size_t len, struct credential *out, struct err *err);

#endif
