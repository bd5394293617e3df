/*
 * A proxy-wasm filter for MOSN that adds the header x-wasme to every response. The text "value" of
 * the configuration is the value of the header.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "proxy_wasm.h"

static const char header_name[] = "x-wasme";
static const char value_name[] = "value";

static char *data;                  /* the configuration, from malloc; or NULL */
static const char *value = "hello"; /* of the header; without a configuration this one */
static size_t value_len = 5;

/* A map as the proxy hands it over: how many pairs there are, the lengths of the name and value of
 * each, and then the texts. One byte stands behind each text. */
struct map {
    const unsigned char *bytes;
    size_t len;
};

/* The number at that place, of four bytes; 0 when it is outside the map. */
static size_t number_at(const struct map *map, size_t at)
{
    const unsigned char *bytes = map->bytes + at;
    if (at > map->len || map->len - at < 4)
        return 0;
    return bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16 | (size_t)bytes[3] << 24;
}

/* Finds the value of that name, which is not ended by NUL; or NULL. */
static const char *find(const struct map *map, const char *name, size_t *len)
{
    size_t count = number_at(map, 0);
    if (map->len < 4 || count > (map->len - 4) / 8)
        return NULL;
    size_t at = 4 + count * 8;
    for (size_t i = 0; i < count; i++) {
        size_t key = number_at(map, 4 + i * 8), text = number_at(map, 8 + i * 8);
        if (key >= map->len - at || text >= map->len - at - key - 1)
            return NULL;
        if (key == strlen(name) && memcmp(map->bytes + at, name, key) == 0) {
            *len = text;
            return (const char *)map->bytes + at + key + 1;
        }
        at += key + 1 + text + 1;
    }
    return NULL;
}

static bool fits_header(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return false;
    return true;
}

static void configure(void)
{
    static const char refusal[] = "wrong configuration: a header cannot carry control characters";
    char *bytes = NULL;
    size_t size = 0, len = 0;
    if (proxy_get_buffer_bytes(PROXY_PLUGIN_CONFIGURATION, 0, INT32_MAX, &bytes, &size) != 0)
        return; /* there is no configuration */
    const char *text = find(&(struct map){(const unsigned char *)bytes, size}, value_name, &len);
    if (!text || !fits_header(text, len)) {
        if (text)
            proxy_log(PROXY_LOG_ERROR, refusal, strlen(refusal));
        free(bytes);
        return;
    }
    free(data);
    data = bytes;
    value = text;
    value_len = len;
}

/* The export tells the proxy the version of the ABI; it is never called. */
PROXY_EXPORT(proxy_abi_version_0_1_0) void abi_version(void)
{
}

PROXY_EXPORT(proxy_on_context_create) void on_context_create(uint32_t id, uint32_t parent)
{
    (void)id;
    (void)parent;
}

/* MOSN calls this twice, and proxy_on_configure never; it does not look at what is returned. */
PROXY_EXPORT(proxy_on_vm_start) uint32_t on_vm_start(uint32_t id, size_t size)
{
    (void)id;
    (void)size;
    configure();
    return 1;
}

PROXY_EXPORT(proxy_on_request_headers)
uint32_t on_request_headers(uint32_t id, uint32_t count, uint32_t end_of_stream)
{
    (void)id;
    (void)count;
    (void)end_of_stream;
    return PROXY_CONTINUE;
}

PROXY_EXPORT(proxy_on_request_body)
uint32_t on_request_body(uint32_t id, size_t size, uint32_t end_of_stream)
{
    (void)id;
    (void)size;
    (void)end_of_stream;
    return PROXY_CONTINUE;
}

PROXY_EXPORT(proxy_on_response_headers)
uint32_t on_response_headers(uint32_t id, uint32_t count, uint32_t end_of_stream)
{
    (void)id;
    (void)count;
    (void)end_of_stream;
    proxy_add_header_map_value(PROXY_RESPONSE_HEADERS, header_name, strlen(header_name), value,
                               value_len);
    return PROXY_CONTINUE;
}

PROXY_EXPORT(proxy_on_response_body)
uint32_t on_response_body(uint32_t id, size_t size, uint32_t end_of_stream)
{
    (void)id;
    (void)size;
    (void)end_of_stream;
    return PROXY_CONTINUE;
}

PROXY_EXPORT(proxy_on_done) uint32_t on_done(uint32_t id)
{
    (void)id;
    return 1;
}

PROXY_EXPORT(proxy_on_delete) void on_delete(uint32_t id)
{
    (void)id;
}

/* The C library makes _start of this, and MOSN calls _start before all else. */
int main(void)
{
    return 0;
}
