/* The most bytes that Envoy accepts of a module that it fetches by HTTP: source/common/http/
 * async_client_impl.h, kBufferLimitForResponse; runtime key http.async_response_buffer_limit. */
#ifndef WASME_CMD_SERVE_SIZE_LIMIT_H
#define WASME_CMD_SERVE_SIZE_LIMIT_H

#include <stdbool.h>

/* What to do about a larger module; a sentence or two, for pages and the log. */
#define SIZE_LIMIT_WORDS                                                                           \
    "Envoy refuses a module of more than 32 MiB by HTTP. Make the module smaller (`wasme build "   \
    "--optimize --strip`), have Istio load it from oci://, or raise "                              \
    "http.async_response_buffer_limit in Envoy's runtime."

bool size_limit_exceeds(long long bytes);
/* Logs a warning about what is served under that name, when it exceeds the limit. */
void size_limit_warn(const char *name, long long bytes);
/* The same for the files *.wasm in a folder, of which up to SIZE_LIMIT_FILES are looked at and
 * SIZE_LIMIT_WARNINGS are told of. Reads `fd`, and takes a while. */
#define SIZE_LIMIT_FILES 10000
#define SIZE_LIMIT_WARNINGS 10
void size_limit_warn_folder(int fd);

#endif
