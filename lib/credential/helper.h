/*
 * Programs that keep credentials: docker-credential-NAME get|store|erase. A program reads its input
 * from standard input and writes its answer to standard output (the protocol of
 * docker-credential-helpers). The program has the standard error of wasme.
 */
#ifndef WASME_CREDENTIAL_HELPER_H
#define WASME_CREDENTIAL_HELPER_H

#include "base/err.h"
#include "credential/credential.h"

#define HELPER_REPLY_MAX (64 * 1024) /* bytes of an answer; a longer one is an error */
#define HELPER_WORDS_MAX 400         /* bytes of a program's complaint that an error repeats */

/* A program, and the reason why it is asked. */
struct helper {
    const char *name;                /* NAME; config.c has checked its letters */
    const char *origin;              /* for errors: "credsStore in /path/config.json" */
    const volatile int *interrupted; /* see struct process; or NULL */
    long seconds;                    /* the longest time for an answer; 0: no limit */
};

/*
 * The functions take a registry's name as references write it, and translate it for the program. A
 * program that fails is ERR_FAILED, with the program's words; a program that is not installed is
 * ERR_NOT_FOUND; an interruption by the user is ERR_INTERRUPTED. All errors name the program and
 * the origin.
 */

/* The credential, without a source; empty when the program has none. */
int helper_get(const struct helper *helper, const char *registry, struct credential *out,
               struct err *err);
/* Stores a user with a password, or an identity token. */
int helper_store(const struct helper *helper, const char *registry,
                 const struct credential *credential, struct err *err);
/* Removes the credential; when the program has none, the result is 0 too. */
int helper_erase(const struct helper *helper, const char *registry, struct err *err);

/* Reads the answer to `get`: {"Username": …, "Secret": …}. ERR_DAMAGED: the answer is no such
 * object. */
int helper_read_reply(const char *text, size_t len, struct credential *out, struct err *err);

#endif
