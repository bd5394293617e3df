/* Where the folder of a served registry is. */
#ifndef WASME_CMD_SERVE_REGISTRY_DIR_H
#define WASME_CMD_SERVE_REGISTRY_DIR_H

#include "cmd/command.h"
#include "store/store.h"

/* The commands that use the folder have this option. */
#define REGISTRY_DIR_OPTION(type, field, help)                                                     \
    OPT_TEXT(type, field, 0, "registry-dir", "DIR", COMPLETE_DIR, help,                            \
             .otherwise = "~/.wasme/registry", .group = GROUP_STORE)

/* `given` is the value of the option, or NULL, and `store_option` is that of --store. A store that
 * was named has its registry beside it: DIR.registry. The caller frees `*out`. */
int serve_registry_dir(const char *given, const struct store *store, const char *store_option,
                       char **out, struct err *err);

#endif
