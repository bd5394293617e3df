/* How much of this machine a container sees: folders and variables. */
#ifndef WASME_TOOLCHAIN_CONTAINER_SCOPE_H
#define WASME_TOOLCHAIN_CONTAINER_SCOPE_H

#include <stdbool.h>

/*
 * The folder that the tools need to see for the source, which is an absolute path: the source
 * itself, or the outermost of these above it: the nearest folder with a go.mod, a go.work or a
 * configuration of Cargo, that of a workspace of Cargo or npm, and that of a git repository, where
 * packages refer to each other by "../". A repository or a configuration in `home` (or NULL), or
 * above it, does not count. The caller frees the path.
 */
char *container_scope_root(const char *source, const char *home);
/* "type=bind,source=PATH,target=PATH", with quotes where the path needs them in such a list. The
 * caller frees it. */
char *container_scope_mount(const char *path);

/* Whether a variable "NAME=value" of this machine is for the tools in a container as well: proxies,
 * and what Go, Cargo and npm read, but for the folders of this machine's own tools. */
bool container_scope_passes(const char *variable);
/* The value of the variable in a NULL-terminated list of them; NULL when there is none. */
const char *container_scope_value(const char *const *environment, const char *name);

#endif
