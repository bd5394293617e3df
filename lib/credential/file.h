/*
 * Changes one registry's entry in a credentials file of Docker's form. The changed file is written
 * beside the old one and takes its place by a rename, so that a reader sees the old content or the
 * new one. Other entries and members stay, and so do the owner and the mode; a new file has mode
 * 0600. Writers wait for each other by a file .NAME.lock beside the credentials file; the lock file
 * is removed at the end. Where the path is a link, the file behind the link is changed; a link that
 * another user made to the file of a third user is refused. A file that cannot be understood is
 * left as it is.
 */
#ifndef WASME_CREDENTIAL_FILE_H
#define WASME_CREDENTIAL_FILE_H

#include "base/lock.h"
#include "credential/config.h"

/* Stores a user with a password, or an identity token (and perhaps its user). The file and its
 * folder are made when they are missing. */
int credential_file_store(const char *path, const char *registry,
                          const struct credential *credential, const struct lock_wait *wait,
                          struct err *err);
/* Removes all entries that name the registry as a whole, in whatever spelling; entries of paths in
 * the registry stay. `*removed` says whether there was an entry. When there is none, or no file,
 * nothing is written. */
int credential_file_erase(const char *path, const char *registry, const struct lock_wait *wait,
                          bool *removed, struct err *err);
/* The helper program that the file names for the registry: its name, and the place of that name in
 * words, both for struct helper and owned by the caller. Both are NULL when the file names no
 * program or is missing. */
int credential_file_helper(const char *path, const char *registry, char **name, char **origin,
                           struct err *err);

#endif
