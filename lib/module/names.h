/* The "name" section (core specification, appendix "Custom Sections"): what the source calls the
 * module and its functions. */
#ifndef WASME_MODULE_NAMES_H
#define WASME_MODULE_NAMES_H

#include "module/module.h"

/* All is owned. */
struct module_names {
    char *module;      /* or NULL */
    char **funcs;      /* by the index of a function; NULL for one without a name */
    size_t func_count; /* as the module has: 0 when no function has a name */
};

/* Reads the names from the descriptor that module_read() had. A damaged section gives the names
 * before the damage; MODULE_MAX_NAMES limits their bytes. Fails when the file cannot be read. */
int module_names_read(int fd, const struct module *module, struct module_names *out,
                      struct err *err);
void module_names_release(struct module_names *names); /* usable with AUTO() */

/* The name of a function, or NULL; borrowed. */
const char *module_names_func(const struct module_names *names, uint32_t func);

#endif
