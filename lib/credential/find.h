/* Credentials for registries: what the user gave, otherwise the sources (files in Docker's format),
 * and the helper programs that they name. */
#ifndef WASME_CREDENTIAL_FIND_H
#define WASME_CREDENTIAL_FIND_H

#include "registry/registry.h"

#define CREDENTIALS_FILE_MAX (1024 * 1024) /* bytes of a file that are read */

/* A user with a password, or a token, or none of it. */
struct credential {
    char *username;       /* owned, as the rest; NULL: there is none */
    char *password;       /* NULL without a username */
    char *identity_token; /* to ask the token realm with, instead of user and password */
    char *registry_token; /* a bearer token for the registry, used as it is */
    char *source; /* for people: "-u", a file, or "docker-credential-x (credsStore in …)" */
};

/*
 * The credential for a repository ("library/foo"; NULL: for the registry as a whole) of a registry,
 * both named as references do. The sources are looked through in order, and in each the helper
 * program that it names, then its "auths"; the first that has one counts. A missing file has none.
 * Without any it is 0 too, and the credential empty. A source that cannot be read or understood is
 * an error, unless it is optional: then it has none. A helper that fails is an error. `*narrow` (or
 * NULL) says whether other repositories of the registry may have another.
 */
int credential_find(const struct registry_options *options, const char *registry,
                    const char *repository, struct credential *out, bool *narrow, struct err *err);
/* For people: where one was looked for in vain, and the next step; the caller frees it. */
char *credential_missing(const struct registry_options *options, const char *registry);
bool credential_is_empty(const struct credential *credential);
void credential_release(struct credential *credential); /* wipes it; usable with AUTO() */

/* The field line of Basic authentication; the caller wipes and frees it. */
char *credential_basic(const struct credential *credential);
/* Base64 of USER:PASSWORD; likewise. */
char *credential_encode(const char *username, const char *password);
/* Overwrites and frees the text, and sets it to NULL; usable with AUTO(). */
void credential_wipe(char **text);
/* Base64 (RFC 4648, section 4; padding may be missing, and lines broken by CR and LF); ERR_DAMAGED
 * when it is none or is longer than out->max. */
int credential_decode(const char *text, struct buf *out, struct err *err);

#endif
