/* The addresses of submodules, in .gitmodules (gitmodules(5)). */
#ifndef WASME_GIT_MODULES_H
#define WASME_GIT_MODULES_H

#include <stddef.h>

#include "base/err.h"

#define MODULES_FILE_MAX (1024 * 1024) /* bytes; more is an error */

struct module_entry {
    char *name; /* owned */
    char *path; /* owned; NULL: none is named */
    char *url;  /* owned; likewise */
};

struct modules {
    struct module_entry *items; /* owned */
    size_t count;
};

/* Reads .gitmodules in the folder; without that file, there are no entries. */
int modules_read(const char *folder, struct modules *out, struct err *err);
/* The address of the submodule at the path; NULL: there is none. */
const char *modules_url(const struct modules *modules, const char *path);
void modules_release(struct modules *modules); /* usable with AUTO() */

#endif
