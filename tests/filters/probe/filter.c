/*
 * A filter for the tests of `wasme run`, without a library: the path of a request decides.
 *
 *   any        the request gets "x-order: CONFIGURATION", the response "x-probe: CONFIGURATION" and
 *              "x-root: ROOT ID"
 *   /log       a line of each level
 *   /deny      answered 403 by the filter, with the body "denied"
 *   /trap      an instruction that traps
 *   /call      calls the cluster "callee", and the request gets "x-called: STATUS"
 *   /body      the body of the response becomes "changed"
 */
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name)))
#define IMPORT(name) extern __attribute__((import_module("env"), import_name(#name)))

enum { REQUEST, RESPONSE = 2, CALLED = 6, RESPONSE_BODY = 1, CONFIGURATION = 7 };
enum { CONTINUE, PAUSE };

IMPORT(proxy_log) uint32_t proxy_log(uint32_t level, const char *text, size_t len);
IMPORT(proxy_get_buffer_bytes)
uint32_t proxy_get_buffer_bytes(uint32_t kind, size_t from, size_t len, char **out, size_t *size);
IMPORT(proxy_set_buffer_bytes)
uint32_t proxy_set_buffer_bytes(uint32_t kind, size_t from, size_t len, const char *data,
                                size_t size);
IMPORT(proxy_get_header_map_value)
uint32_t proxy_get_header_map_value(uint32_t map, const char *key, size_t len, char **out,
                                    size_t *size);
IMPORT(proxy_add_header_map_value)
uint32_t proxy_add_header_map_value(uint32_t map, const char *key, size_t len, const char *value,
                                    size_t size);
IMPORT(proxy_remove_header_map_value)
uint32_t proxy_remove_header_map_value(uint32_t map, const char *key, size_t len);
IMPORT(proxy_send_local_response)
uint32_t proxy_send_local_response(uint32_t status, const char *details, size_t details_len,
                                   const char *body, size_t body_len, const char *headers,
                                   size_t headers_len, uint32_t grpc);
IMPORT(proxy_http_call)
uint32_t proxy_http_call(const char *cluster, size_t cluster_len, const char *headers,
                         size_t headers_len, const char *body, size_t body_len,
                         const char *trailers, size_t trailers_len, uint32_t ms, uint32_t *token);
IMPORT(proxy_get_property)
uint32_t proxy_get_property(const char *path, size_t len, char **out, size_t *size);
IMPORT(proxy_set_effective_context) uint32_t proxy_set_effective_context(uint32_t id);
IMPORT(proxy_continue_stream) uint32_t proxy_continue_stream(uint32_t kind);

static char memory[256 * 1024];
static size_t used;
static char *config;
static size_t config_len;
static uint32_t caller;
static uint32_t bodies; /* the request whose body is to be changed */

EXPORT(proxy_on_memory_allocate) void *allocate(size_t size)
{
    if (used + size + 8 > sizeof(memory))
        used = sizeof(memory) / 2; /* the oldest are no longer needed */
    void *at = memory + used;
    used += (size + 8) & ~(size_t)7;
    return at;
}

static size_t length(const char *text)
{
    size_t len = 0;
    while (text[len])
        len++;
    return len;
}

static int same(const char *text, size_t len, const char *other)
{
    if (len != length(other))
        return 0;
    for (size_t i = 0; i < len; i++)
        if (text[i] != other[i])
            return 0;
    return 1;
}

static void say(uint32_t level, const char *text)
{
    proxy_log(level, text, length(text));
}

static void add(uint32_t map, const char *key, const char *value, size_t len)
{
    proxy_add_header_map_value(map, key, length(key), value, len);
}

EXPORT(proxy_abi_version_0_2_1) void abi_version(void)
{
}

EXPORT(proxy_on_vm_start) uint32_t on_vm_start(uint32_t id, size_t size)
{
    (void)id;
    (void)size;
    return 1;
}

EXPORT(proxy_on_context_create) void on_context_create(uint32_t id, uint32_t parent)
{
    (void)id;
    (void)parent;
}

EXPORT(proxy_on_configure) uint32_t on_configure(uint32_t id, size_t size)
{
    (void)id;
    config = "none";
    config_len = 4;
    if (size)
        proxy_get_buffer_bytes(CONFIGURATION, 0, size, &config, &config_len);
    proxy_log(2, config, config_len);
    return !same(config, config_len, "refused");
}

/* The two pairs of headers that a call needs at least, as the ABI has them in memory. */
static int call(uint32_t id)
{
    static const char *const texts[] = {":method", "GET",        ":path",
                                        "/called", ":authority", "callee"};
    uint32_t block[32];
    char *to;
    uint32_t token;
    block[0] = 3;
    for (uint32_t i = 0; i < 6; i++)
        block[1 + i] = (uint32_t)length(texts[i]);
    to = (char *)(block + 7);
    for (uint32_t i = 0; i < 6; i++) {
        for (const char *from = texts[i]; *from; from++)
            *to++ = *from;
        *to++ = 0;
    }
    caller = id;
    if (!proxy_http_call("callee", 6, (char *)block, (size_t)(to - (char *)block), "", 0, "", 0,
                         2000, &token))
        return 1;
    say(4, "the call could not be made");
    return 0;
}

EXPORT(proxy_on_http_call_response)
void on_http_call_response(uint32_t id, uint32_t token, uint32_t headers, size_t body,
                           uint32_t trailers)
{
    char *status = "none";
    size_t len = 4;
    (void)id;
    (void)token;
    (void)headers;
    (void)body;
    (void)trailers;
    proxy_get_header_map_value(CALLED, ":status", 7, &status, &len);
    proxy_set_effective_context(caller);
    add(REQUEST, "x-called", status, len);
    proxy_continue_stream(0);
}

EXPORT(proxy_on_request_headers)
uint32_t on_request_headers(uint32_t id, uint32_t count, uint32_t last)
{
    char *path = "";
    size_t len = 0;
    (void)count;
    (void)last;
    proxy_get_header_map_value(REQUEST, ":path", 5, &path, &len);
    add(REQUEST, "x-order", config, config_len);
    if (same(path, len, "/log")) {
        say(0, "a line of trace");
        say(1, "a line of debug");
        say(2, "a line of info\nand its second half");
        say(3, "a line of warning");
        say(4, "a line of error");
    } else if (same(path, len, "/deny")) {
        proxy_send_local_response(403, "", 0, "denied", 6, "", 0, (uint32_t)-1);
        return PAUSE;
    } else if (same(path, len, "/trap")) {
        __builtin_trap();
    } else if (same(path, len, "/call")) {
        return call(id) ? PAUSE : CONTINUE;
    } else if (same(path, len, "/body")) {
        bodies = id;
    }
    return CONTINUE;
}

EXPORT(proxy_on_response_headers)
uint32_t on_response_headers(uint32_t id, uint32_t count, uint32_t last)
{
    char *root = "";
    size_t len = 0;
    (void)count;
    (void)last;
    add(RESPONSE, "x-probe", config, config_len);
    if (!proxy_get_property("plugin_root_id", 14, &root, &len))
        add(RESPONSE, "x-root", root, len);
    if (bodies == id)
        proxy_remove_header_map_value(RESPONSE, "content-length", 14);
    return CONTINUE;
}

EXPORT(proxy_on_response_body) uint32_t on_response_body(uint32_t id, size_t size, uint32_t last)
{
    if (bodies != id)
        return CONTINUE;
    if (!last)
        return PAUSE;
    bodies = 0;
    proxy_set_buffer_bytes(RESPONSE_BODY, 0, size, "changed", 7);
    return CONTINUE;
}
