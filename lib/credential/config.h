/*
 * Reads what the text of a credentials file says of a registry. The text has Docker's form
 * (config.json of the Docker CLI; containers-auth.json(5)), or another one of form.h:
 *
 *     {"auths": {"HOST[/PATH]": {"auth": base64 of USER:PASSWORD, "identitytoken": …}},
 *      "credHelpers": {"HOST": "NAME"}, "credsStore": "NAME"}
 *
 * These functions open no file and run no program; place.h reads files, and helper.h runs programs.
 */
#ifndef WASME_CREDENTIAL_CONFIG_H
#define WASME_CREDENTIAL_CONFIG_H

#include "base/err.h"
#include "credential/credential.h"

#define HELPER_NAME_MAX 64 /* bytes of NAME in docker-credential-NAME */

/* A registry or repository that needs a credential. Both texts are lent, and written as references
 * write them. */
struct credential_target {
    const char *registry;   /* "docker.io", "127.0.0.1:5000" */
    const char *repository; /* "library/foo"; NULL: the registry as a whole */
};

/* The entry that a text has for a target. */
struct credential_entry {
    char *helper;             /* owned: NAME of the program that keeps the credential, or NULL */
    const char *member;       /* static: the member with that name, "credHelpers" or "credsStore" */
    struct credential stored; /* from "auths", without a source; empty: there is none */
    bool
        narrow; /* "auths" has paths of this registry: its repositories may differ in credentials */
};

/*
 * Keys of "auths" may be written as addresses ("https://HOST/v1/"), and Docker Hub has several
 * names. For a repository, a key "HOST/PATH" counts when PATH is the repository or a folder above
 * it, and the longest such path counts first. For a registry as a whole, only keys without a path
 * count. An empty text has no credentials. ERR_DAMAGED: the text is not JSON, or has an entry that
 * cannot be understood; the error does not repeat the secret.
 */
int credential_config_read(const char *text, size_t len, const struct credential_target *target,
                           struct credential_entry *out, struct err *err);
void credential_entry_release(struct credential_entry *entry); /* usable with AUTO() */

/* Does the key of a file name this registry as a whole? */
bool credential_key_names(const char *key, const char *registry);
/* The key under which Docker keeps a registry: for Docker Hub an address, for others the name.
 * Borrowed. */
const char *credential_key(const char *registry);
/* Is that one of the names of Docker Hub? */
bool credential_is_hub(const char *name);

#endif
