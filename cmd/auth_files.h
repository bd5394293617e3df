/* Where credentials are looked for, as the environment has it. */
#ifndef WASME_CMD_AUTH_FILES_H
#define WASME_CMD_AUTH_FILES_H

#include "cmd/command.h"
#include "registry/registry.h"

#define AUTH_FILE_SHOWN "~/.wasme/credentials.json" /* the own file, for help */
#define AUTH_SOURCES_MAX 6

/* The sources, in the order in which they count; not all files need exist. */
struct auth_files {
    char *own;    /* the original's, ~/.wasme/credentials.json; owned, as the rest; or NULL */
    char *docker; /* Docker's config.json, or NULL */
    char *podman[2];
    char *legacy; /* ~/.dockercfg, where there is one; or NULL */
    struct credential_place list[AUTH_SOURCES_MAX + 1]; /* all of them, for registry_options */
};

void auth_files_find(struct auth_files *out);
void auth_files_release(struct auth_files *files); /* usable with AUTO() */

#endif
