/*
 * The challenges of WWW-Authenticate (RFC 9110, sections 11.2 to 11.6.1), parsed to the letter:
 * what is not well-formed is refused, since a credential is about to be sent on its word.
 */
#ifndef WASME_REGISTRY_CHALLENGE_H
#define WASME_REGISTRY_CHALLENGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define CHALLENGES_MAX 8
#define CHALLENGE_TEXT_MAX 8192 /* bytes of one field value */

/* The parameters that registries use; others are checked and dropped. NULL: not there. */
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

#define CHALLENGE_LIST_INIT                                                                        \
    {                                                                                              \
        .count = 0                                                                                 \
    }

/* Adds the challenges of one field value. ERR_DAMAGED says where it is malformed. */
int challenge_parse(const char *text, struct challenge_list *list, struct err *err);
/* The same for several field values, each ended by a newline. */
int challenge_parse_all(const char *fields, struct challenge_list *list, struct err *err);
/*
 * The challenges of an answer of success. What is not well-formed there is left out, but for Basic,
 * of which the name is enough: zot writes `basic realm=Name of it`. False: there is none.
 */
bool challenge_offer(const char *fields, struct challenge_list *list);
/* The first challenge of the scheme (in lower case), or NULL. */
const struct challenge *challenge_find(const struct challenge_list *list, const char *scheme);
void challenge_list_release(struct challenge_list *list); /* usable with AUTO() */

#endif
