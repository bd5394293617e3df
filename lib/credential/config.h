/*
 * What a file in Docker's format (config.json of the Docker CLI; containers-auth.json(5)), or in
 * another of credential_form.h, says of a registry:
 *
 *     {"auths": {"HOST[/PATH]": {"auth": base64 of USER:PASSWORD, "identitytoken": …}},
 *      "credHelpers": {"HOST": "NAME"}, "credsStore": "NAME"}
 *
 * Pure reading of text: no file is opened and no program run here.
 */
#ifndef WASME_CREDENTIAL_CONFIG_H
#define WASME_CREDENTIAL_CONFIG_H

#include "base/err.h"
#include "credential/credential.h"

#define HELPER_NAME_MAX 64 /* bytes of NAME in docker-credential-NAME */

/* What there is for one repository of a registry. */
struct credential_entry {
    char *helper;             /* owned; NAME of the program that keeps it, or NULL */
    const char *member;       /* static: where that name stands, "credHelpers" or "credsStore" */
    struct credential stored; /* of "auths", without a source; empty: none */
    bool narrow; /* "auths" has paths of this registry: other repositories may differ */
};

/*
 * Keys of "auths" may be written as addresses ("https://HOST/v1/"); Docker Hub has several names.
 * With a `repository` a key "HOST/PATH" counts when the path is the repository or a folder above
 * it, the longest first; without one (NULL) only keys of the whole host do. Empty text has nothing.
 * ERR_DAMAGED: not JSON, or an entry that cannot be understood; never with the secret in the words.
 */
int credential_config_read(const char *text, size_t len, const char *registry,
                           const char *repository, struct credential_entry *out, struct err *err);
void credential_entry_release(struct credential_entry *entry); /* usable with AUTO() */

/* Does the key of a file name this registry as a whole? */
bool credential_key_names(const char *key, const char *registry);
/* The key under which Docker keeps a registry: the Hub's is an address. Borrowed. */
const char *credential_key(const char *registry);
bool credential_is_hub(const char *name);

#endif
