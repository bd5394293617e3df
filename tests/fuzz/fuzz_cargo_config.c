/* Any text as a .cargo/config.toml. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "toolchain/cargo_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = mem_dup_n((const char *)data, size);
    AUTO_FREE char *target = cargo_config_target_in(text);
    if (target &&
        (strncmp(target, "wasm32", 6) != 0 || strchr(target, '\n') || !strstr(text, target)))
        abort();
    return 0;
}
