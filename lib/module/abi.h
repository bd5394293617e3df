/* The versions of the proxy-wasm ABI that a module names (see "proxy_abi_version_" in
 * proxy-wasm/spec). */
#ifndef WASME_MODULE_ABI_H
#define WASME_MODULE_ABI_H

#include "module/module.h"

#define ABI_EXPORT_PREFIX "proxy_abi_version_"
#define ABI_MAX_VERSIONS 64 /* further versions that a module names are not listed */

/* Reads the ABI versions of the exported functions proxy_abi_version_X_Y_Z, as "vX.Y.Z", in the
 * order of the exports, each once. Hands over an array of `*count` texts (NULL for none), which
 * abi_versions_free() frees. */
void abi_versions(const struct module *module, char ***out, size_t *count);
void abi_versions_free(char **versions, size_t count);

#endif
