/* A login for a registry, and the text that it is sent and kept as. */
#ifndef WASME_CREDENTIAL_CREDENTIAL_H
#define WASME_CREDENTIAL_CREDENTIAL_H

#include <stdbool.h>

#define CREDENTIALS_FILE_MAX (1024 * 1024) /* bytes of a file with credentials that are read */

/* A user with a password, or a token, or none of them. */
struct credential {
    char *username;       /* owned, as the rest; NULL: there is none */
    char *password;       /* NULL without a username */
    char *identity_token; /* to ask the token realm with, instead of user and password */
    char *registry_token; /* a bearer token for the registry, used as it is */
    char *source; /* for people: "-u", a file, or "docker-credential-x (credsStore in …)" */
};

bool credential_is_empty(const struct credential *credential);
void credential_release(struct credential *credential); /* wipes it; usable with AUTO() */

/* The field line of Basic authentication (RFC 7617); the caller wipes and frees it. */
char *credential_basic(const struct credential *credential);
/* Base64 of USER:PASSWORD; likewise. */
char *credential_encode(const char *username, const char *password);
/* Overwrites and frees the text, and sets it to NULL; usable with AUTO(). */
void credential_wipe(char **text);

#endif
