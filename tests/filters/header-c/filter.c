/* Adds a header to each response, by the bare ABI: no SDK, no attributes, no C library but
 * malloc. */
#include <stdint.h>
#include <stdlib.h>

uint32_t proxy_add_header_map_value(uint32_t map, const char *key, uint32_t key_len,
                                    const char *value, uint32_t value_len);

void proxy_abi_version_0_2_1(void)
{
}

void *proxy_on_memory_allocate(uint32_t size)
{
    return malloc(size);
}

uint32_t proxy_on_response_headers(uint32_t context, uint32_t count, uint32_t end)
{
    (void)context, (void)count, (void)end;
    proxy_add_header_map_value(2, "x-wasme", 7, "hello", 5);
    return 0;
}
