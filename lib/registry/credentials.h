/* Credentials for registries: what the user gave, otherwise files in Docker's format. */
#ifndef WASME_REGISTRY_CREDENTIALS_H
#define WASME_REGISTRY_CREDENTIALS_H

#include "registry/registry.h"

#define CREDENTIALS_FILE_MAX (1024 * 1024) /* bytes of a file that are read */

struct credential {
    char *username; /* owned; NULL: there is none */
    char *password; /* owned */
    char *source;   /* owned; for people: "-u", or the file */
};

/*
 * The credential for a registry, named as references do. Files (Docker's config.json, member
 * "auths") are looked through in order, and the first that has one counts; a missing file has
 * none. Without any it is 0 too, and the username NULL. A file that cannot be read or understood
 * is an error.
 */
int credential_find(const struct registry_options *options, const char *registry,
                    struct credential *out, struct err *err);
void credential_release(struct credential *credential); /* wipes it; usable with AUTO() */

/* The field line of Basic authentication; the caller wipes and frees it. */
char *credential_basic(const struct credential *credential);
/* Overwrites and frees the text, and sets it to NULL; usable with AUTO(). */
void credential_wipe(char **text);
/* Base64 (RFC 4648, section 4; padding may be missing); ERR_DAMAGED when it is none or is longer
 * than out->max. */
int credential_decode(const char *text, struct buf *out, struct err *err);

#endif
