/*
 * The part of the ABI of proxy-wasm that this filter needs; the versions 0.1.0 and 0.2.1 have it
 * alike. All functions and numbers: https://github.com/proxy-wasm/spec/tree/main/abi-versions
 */
#ifndef PROXY_WASM_H
#define PROXY_WASM_H

#include <stddef.h>
#include <stdint.h>

/* A function of the proxy, and a function that the proxy calls. */
#define PROXY_IMPORT(name) __attribute__((import_module("env"), import_name(#name)))
#define PROXY_EXPORT(name) __attribute__((export_name(#name)))

enum proxy_action { PROXY_CONTINUE = 0 };
enum proxy_log_level { PROXY_LOG_ERROR = 4 };
enum proxy_map { PROXY_RESPONSE_HEADERS = 2 };
enum proxy_buffer { PROXY_PLUGIN_CONFIGURATION = 7 };

PROXY_IMPORT(proxy_log)
uint32_t proxy_log(uint32_t level, const char *text, size_t len);

/* The proxy gets memory for `*data` from the filter's proxy_on_memory_allocate() or malloc(); the
 * filter frees it. */
PROXY_IMPORT(proxy_get_buffer_bytes)
uint32_t proxy_get_buffer_bytes(uint32_t buffer, size_t start, size_t max, char **data,
                                size_t *len);

PROXY_IMPORT(proxy_add_header_map_value)
uint32_t proxy_add_header_map_value(uint32_t map, const char *name, size_t name_len,
                                    const char *value, size_t value_len);

#endif
