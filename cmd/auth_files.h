/* The places of credentials, as the environment names them. */
#ifndef WASME_CMD_AUTH_FILES_H
#define WASME_CMD_AUTH_FILES_H

#include "cmd/command.h"
#include "registry/registry.h"

#define AUTH_FILE_SHOWN "~/.wasme/credentials.json" /* wasme's own file, for help */
#define AUTH_SOURCES_MAX 6

/* The sources, the first that has a login counts. A file in the list need not exist. */
struct auth_files {
    char *own;    /* the file of wasme, ~/.wasme/credentials.json; owned, as all texts; or NULL */
    char *docker; /* Docker's config.json, or NULL */
    char *podman[2];
    char *legacy; /* ~/.dockercfg, if the file exists; or NULL */
    struct credential_place list[AUTH_SOURCES_MAX + 1]; /* all of them, for registry_options */
};

void auth_files_find(struct auth_files *out);
void auth_files_release(struct auth_files *files); /* usable with AUTO() */

#endif
