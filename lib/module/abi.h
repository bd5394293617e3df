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

/* Bytes of the text of abi_peek(), and the exports that are looked at. */
#define ABI_PEEK_MAX 128
#define ABI_PEEK_EXPORTS 20000

/*
 * Reads the versions as one text, "v0.2.0, v0.2.1" or "" for none, from the heads of the sections
 * and the exports alone: of a large file that is a few hundred bytes, and nothing else is checked.
 * Returns false for a file that is no module, or is damaged in what was read.
 */
bool abi_peek(int fd, char out[ABI_PEEK_MAX]);

#endif
