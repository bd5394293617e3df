/*
 * A proxy-wasm filter that adds the header x-wasme to every response. The configuration of the
 * plugin is the value of the header.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "proxy_wasm.h"

static const char header_name[] = "x-wasme";
static const char default_value[] = "hello"; /* for a plugin without a configuration */

/* A context of the proxy: a plugin with its configuration, or one request below a plugin. */
struct context {
    uint32_t id;
    struct context *plugin; /* of a request; NULL: this is a plugin */
    char *data;             /* the configuration of a plugin, from malloc; or NULL */
    const char *value;      /* of the header, in data or default_value */
    size_t value_len;
    struct context *next;
};

static struct context *contexts;

static struct context *find_context(uint32_t id)
{
    struct context *at = contexts;
    while (at && at->id != id)
        at = at->next;
    return at;
}

/* Finds the value in the configuration, which may have spaces and line ends around it. */
static bool set_value(struct context *plugin, const char *text, size_t len)
{
    while (len && strchr(" \t\r\n", text[len - 1]))
        len--;
    while (len && strchr(" \t\r\n", *text)) {
        text++;
        len--;
    }
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return false;
    plugin->value = len ? text : default_value;
    plugin->value_len = len ? len : strlen(default_value);
    return true;
}

static bool configure(struct context *plugin, size_t size)
{
    static const char refusal[] = "wrong configuration: a header cannot carry control characters";
    char *data = NULL;
    size_t len = 0;
    if (size)
        proxy_get_buffer_bytes(PROXY_PLUGIN_CONFIGURATION, 0, size, &data, &len);
    free(plugin->data);
    plugin->data = data;
    if (set_value(plugin, data, len))
        return true;
    proxy_log(PROXY_LOG_ERROR, refusal, strlen(refusal));
    return false;
}

/* The export tells the proxy the version of the ABI; it is never called. */
PROXY_EXPORT(proxy_abi_version_0_2_1) void abi_version(void)
{
}

/* The memory for the data that the proxy hands to the filter. */
PROXY_EXPORT(proxy_on_memory_allocate) void *allocate(size_t size)
{
    return malloc(size ? size : 1);
}

PROXY_EXPORT(proxy_on_context_create) void on_context_create(uint32_t id, uint32_t parent)
{
    struct context *context = calloc(1, sizeof(*context));
    if (!context)
        abort();
    context->id = id;
    context->plugin = parent ? find_context(parent) : NULL;
    context->next = contexts;
    contexts = context;
}

PROXY_EXPORT(proxy_on_vm_start) uint32_t on_vm_start(uint32_t id, size_t size)
{
    (void)id;
    (void)size;
    return 1;
}

PROXY_EXPORT(proxy_on_configure) uint32_t on_configure(uint32_t id, size_t size)
{
    struct context *plugin = find_context(id);
    return plugin && configure(plugin, size);
}

PROXY_EXPORT(proxy_on_response_headers)
uint32_t on_response_headers(uint32_t id, uint32_t count, uint32_t end_of_stream)
{
    struct context *request = find_context(id);
    (void)count;
    (void)end_of_stream;
    if (request && request->plugin)
        proxy_add_header_map_value(PROXY_RESPONSE_HEADERS, header_name, strlen(header_name),
                                   request->plugin->value, request->plugin->value_len);
    return PROXY_CONTINUE;
}

PROXY_EXPORT(proxy_on_delete) void on_delete(uint32_t id)
{
    struct context **at = &contexts;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    struct context *gone = *at;
    if (!gone)
        return;
    *at = gone->next;
    free(gone->data);
    free(gone);
}
