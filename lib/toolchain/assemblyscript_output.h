/* Which module a build of its own has written somewhere in its folder. */
#ifndef WASME_TOOLCHAIN_ASSEMBLYSCRIPT_OUTPUT_H
#define WASME_TOOLCHAIN_ASSEMBLYSCRIPT_OUTPUT_H

#include <stddef.h>

#include "base/err.h"
#include "base/notice.h"

#define MODULE_FILES_MAX 1024 /* modules in the folder */
#define MODULE_DEPTH_MAX 8    /* folders inside each other that are searched */

struct module_file;

/* The .wasm files of a folder and the folders below it, except node_modules, folders whose names
 * begin with a dot, and links. */
struct module_files {
    struct module_file *items; /* owned */
    size_t count;
};
void module_files_list(const char *folder, struct module_files *out);
void module_files_release(struct module_files *files); /* usable with AUTO() */

/*
 * Finds the module that was written since `before` was listed, and hands over its path. Of several,
 * the module is the only one with a name that the compiler's template has for the optimized one. No
 * module, or several, is an error that says what `what` did and what to do.
 */
int module_files_find(const char *folder, const struct module_files *before, const char *what,
                      const struct notice *notice, char **path, struct err *err);

#endif
