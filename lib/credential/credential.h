/* A login for a registry, and the texts in which it is sent and kept. */
#ifndef WASME_CREDENTIAL_CREDENTIAL_H
#define WASME_CREDENTIAL_CREDENTIAL_H

#include <stdbool.h>
#include <stddef.h>

#define CREDENTIALS_FILE_MAX                                                                       \
    (1024 * 1024) /* bytes of a credentials file; a larger one is refused */

/* A user with a password, or a token; all NULL: no credential. The texts are owned. */
struct credential {
    char *username;       /* NULL: there is none */
    char *password;       /* NULL without a username */
    char *identity_token; /* sent to the token service, in place of user and password */
    char *registry_token; /* a bearer token that is sent to the registry as it is */
    char *source; /* for people: "-u", a file, or "docker-credential-x (credsStore in …)" */
};

bool credential_is_empty(const struct credential *credential);
void credential_release(struct credential *credential); /* wipes the texts; usable with AUTO() */

/* The line "Authorization: Basic …" (RFC 7617) for user and password. The caller wipes and frees
 * the line. */
char *credential_basic(const struct credential *credential);
/* Base64 of USER:PASSWORD. The caller wipes and frees the text. */
char *credential_encode(const char *username, const char *password);
/* Overwrites and frees the text, and sets the pointer to NULL; usable with AUTO(). */
void credential_wipe(char **text);

#endif
