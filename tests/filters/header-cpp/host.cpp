#include "host.h"

extern "C" uint32_t proxy_add_header_map_value(uint32_t map, const char *key, size_t key_len,
                                               const char *value, size_t value_len);

void add_header(std::string_view name, std::string_view value)
{
    proxy_add_header_map_value(2, name.data(), name.size(), value.data(), value.size());
}
