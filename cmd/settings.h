/* Settings that come from the environment: where the store is, the default registry, the proxy. */
#ifndef WASME_CMD_SETTINGS_H
#define WASME_CMD_SETTINGS_H

#include "cmd/command.h"
#include "image/ref.h"
#include "store/store.h"

/* For help: the registry that counts when none is named. */
#define SETTINGS_REGISTRY_SHOWN "WASM_IMAGE_REGISTRY, or docker.io"

/* Every command with a store has this option. */
#define STORE_OPTION(type, field)                                                                  \
    OPT_TEXT(type, field, 0, "store", "DIR", COMPLETE_DIR, "use the image store in DIR",           \
             .otherwise = "~/.wasme/store", .group = GROUP_STORE)

/* The value of a variable of the environment; NULL when it is not set, or empty. Borrowed. */
const char *settings_variable(const char *name);
/* Opens `given` (the option's value, or NULL), else $WASME_HOME/store, else $HOME/.wasme/store. */
int settings_store(const char *given, struct store **out, struct err *err);
/* $TMPDIR, else /tmp; borrowed. */
const char *settings_tmp(void);
/* The reference behind "store:" in an argument that may also name a remote image; NULL when the
 * argument does not begin so. Borrowed. */
const char *settings_in_store(const char *text);
/* Reads a reference from the command line. If the text names no registry, that of
 * WASM_IMAGE_REGISTRY counts. */
int settings_ref(const char *text, struct ref *out, struct err *err);
/* Finds the image of the store that a reference from the command line names. */
int settings_image(struct store *store, const char *text, struct ref *ref,
                   struct store_image *image, struct err *err);
/* SOURCE_DATE_EPOCH (reproducible-builds.org), in seconds since 1970; when the variable is not set,
 * 0 and not `given`. */
int settings_epoch(long long *epoch, bool *given, struct err *err);
/* Reads a registry from the command line; for NULL, WASM_IMAGE_REGISTRY counts, else docker.io.
 * `*out` is written as in references, and the caller frees it. ERR_USAGE: the text is no
 * registry. */
int settings_registry(const char *text, char **out, struct err *err);
/* $WASME_HOME, else $HOME/.wasme; the caller frees the path. ERR_FAILED when neither is set. */
int settings_home(char **out, struct err *err);
/* The proxy for plain http that libcurl would not find by itself, or NULL; borrowed. */
const char *settings_http_proxy(void);

#endif
