// Adds a header to each response: the bare ABI, and the C++ library.
#include <map>
#include <string>

#include "host.h"

static std::map<std::string, std::string> headers{{"x-wasme", "hel"}};

extern "C" {
void proxy_abi_version_0_2_1() {}

uint32_t proxy_on_response_headers(uint32_t, uint32_t, uint32_t)
{
    for (auto &[name, value] : headers)
        add_header(name, value + "lo");
    return 0;
}
}
