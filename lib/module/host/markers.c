/* The versions of the ABI that the SDKs speak (proxy-wasm/spec, "proxy_abi_version_X_Y_Z"). */
#include <stddef.h>

#include "module/host/table.h"

const struct host_marker sdk_markers[] = {
    {"proxy_abi_version_0_1_0", "v0.1.0", ABI_0_1_0},
    {"proxy_abi_version_0_2_0", "v0.2.0", ABI_0_2_0},
    {"proxy_abi_version_0_2_1", "v0.2.1", ABI_0_2_1},
    {NULL, NULL, 0},
};
