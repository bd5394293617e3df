/* What the environment decides: where the store is, the default registry, credential files. */
#ifndef WASME_CMD_SETTINGS_H
#define WASME_CMD_SETTINGS_H

#include "cmd/command.h"
#include "image/ref.h"
#include "store/store.h"

/* The registry where none is named, for help. */
#define SETTINGS_REGISTRY_SHOWN "WASM_IMAGE_REGISTRY, or docker.io"

/* Every command with a store has this option. */
#define STORE_OPTION(type, field)                                                                  \
    OPT_TEXT(type, field, 0, "store", "DIR", COMPLETE_DIR, "use the image store in DIR",           \
             .otherwise = "~/.wasme/store", .group = GROUP_STORE)

/* `given` (the option's value, or NULL), else $WASME_HOME/store, else $HOME/.wasme/store. */
int settings_store(const char *given, struct store **out, struct err *err);
/* $TMPDIR, else /tmp; borrowed. */
const char *settings_tmp(void);
/* What follows "store:" in the argument, which names a local image where others name remote ones;
 * NULL when it does not begin so. Borrowed. */
const char *settings_in_store(const char *text);
/* A reference from the command line; WASM_IMAGE_REGISTRY names the registry where it has none. */
int settings_ref(const char *text, struct ref *out, struct err *err);
/* SOURCE_DATE_EPOCH (reproducible-builds.org), seconds since 1970; 0 and not `given` without it. */
int settings_epoch(long long *epoch, bool *given, struct err *err);
/* A registry from the command line, or NULL: WASM_IMAGE_REGISTRY, else docker.io. As references
 * write it; the caller frees it. ERR_USAGE when it is none. */
int settings_registry(const char *text, char **out, struct err *err);
/* $WASME_HOME, else $HOME/.wasme; the caller frees it. ERR_FAILED when neither is set. */
int settings_home(char **out, struct err *err);
/* The proxy for plain http that libcurl would not find by itself, or NULL; lent. */
const char *settings_http_proxy(void);

#endif
