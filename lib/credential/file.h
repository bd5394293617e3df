/*
 * Changing one registry's entry of a file in Docker's format. The file is replaced as a whole by a
 * rename: whoever reads it sees the old one or the new one. Other entries and members stay, and so
 * do the owner and the mode; a new file is for its user alone (mode 0600). Writers wait for each
 * other by a file .NAME.lock beside it, which goes when they are done. A link to the file stays a
 * link; one that another user made to a file of a third is refused. A file that is not understood
 * is not touched.
 */
#ifndef WASME_CREDENTIAL_FILE_H
#define WASME_CREDENTIAL_FILE_H

#include "base/lock.h"
#include "credential/config.h"

/* A user with a password, or an identity token (and a user, or none). The file and its folder are
 * made when they are missing. */
int credential_file_store(const char *path, const char *registry,
                          const struct credential *credential, const struct lock_wait *wait,
                          struct err *err);
/* Removes the registry's entries, in whatever spelling, but not those of paths in it. `*removed`
 * says whether there was one; a missing file has none, and nothing is written then. */
int credential_file_erase(const char *path, const char *registry, const struct lock_wait *wait,
                          bool *removed, struct err *err);
/* The helper program that the file names for the registry: its name, and where it stands, for
 * struct helper; both owned by the caller, NULL when there is none (or no file). */
int credential_file_helper(const char *path, const char *registry, char **name, char **origin,
                           struct err *err);

#endif
