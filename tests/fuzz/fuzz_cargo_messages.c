/* Any text as the output of a cargo build. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "toolchain/artifact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO_FREE char *text = mem_dup_n((const char *)data, size);
    AUTO_FREE char *path = NULL;
    int rc = artifact_find(text, "/w/filter/Cargo.toml", &path, &err);
    if ((rc != 0) != (err.code != 0) || (rc != 0) != (path == NULL))
        abort();
    if (path && (strlen(path) < 6 || strcmp(path + strlen(path) - 5, ".wasm") != 0))
        abort();
    return 0;
}
