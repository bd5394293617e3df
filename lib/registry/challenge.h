/*
 * The challenges of WWW-Authenticate (RFC 9110, sections 11.2 to 11.6.1): how a registry wants to
 * be logged in to. A credential is sent to the address that a challenge names, so a challenge that
 * is not well-formed is refused.
 */
#ifndef WASME_REGISTRY_CHALLENGE_H
#define WASME_REGISTRY_CHALLENGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define CHALLENGES_MAX 8        /* in one answer; more are an error */
#define CHALLENGE_TEXT_MAX 8192 /* bytes of one field value */

/* A challenge, with the parameters that registries use; the form of others is checked, and their
 * values are dropped. NULL: the parameter is not there. The texts are owned. */
struct challenge {
    char *scheme; /* in lower case: "basic", "bearer" */
    char *realm;
    char *service;
    char *scope;
    char *error;
};

struct challenge_list {
    struct challenge items[CHALLENGES_MAX];
    size_t count;
};

/* Adds the challenges of one field value to the list. ERR_DAMAGED names the byte where the value is
 * malformed; the list may then end with a part of a challenge. */
int challenge_parse(const char *text, struct challenge_list *list, struct err *err);
/*
 * Reads the challenges of an answer into an empty list. `fields` has the values of all
 * WWW-Authenticate fields, each ended by a newline. In an answer of 401, a malformed challenge is
 * ERR_DAMAGED, and the list stays empty. In an answer of another status, the challenges are a mere
 * offer: the first malformed one and those behind it are left out. Only the name of a malformed
 * Basic challenge is kept, since Basic needs no parameter, and zot writes `basic realm=Name of it`.
 */
int challenge_read(const char *fields, int status, struct challenge_list *list, struct err *err);
/* The first challenge of the scheme (in lower case), or NULL. */
const struct challenge *challenge_find(const struct challenge_list *list, const char *scheme);
/* The challenge that is answered: Bearer with a realm, or else Basic; NULL: there is neither. */
const struct challenge *challenge_choose(const struct challenge_list *list);
bool challenge_is_bearer(const struct challenge *challenge);
void challenge_list_release(struct challenge_list *list); /* usable with AUTO() */

#endif
