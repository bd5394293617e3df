/* A filter for MOSN, without a library: the answer gets the header x-stamp with the first value of
 * the configuration, which MOSN hands over as a map, or "none". MOSN 1.6 never calls
 * proxy_on_configure: it calls proxy_on_vm_start a second time (mosn/mosn,
 * pkg/filter/stream/proxywasm/adapter.go). */
#define IMPORT(name) __attribute__((import_module("env"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

IMPORT("proxy_get_buffer_bytes")
int get_buffer_bytes(int buffer, int start, int max, const char **data, int *size);
IMPORT("proxy_add_header_map_value")
int add_header(int map, const char *key, int key_size, const char *value, int value_size);

enum { HEAP = 65536, PLUGIN_CONFIGURATION = 7, RESPONSE_HEADERS = 2 };

static char heap[HEAP], value[256] = "none";
static int used, value_size = 4;

EXPORT("proxy_abi_version_0_1_0") void abi_version(void)
{
}

EXPORT("malloc") void *allocate(int size)
{
    int at = used;
    if (size < 0 || size > HEAP - used)
        return 0;
    used += (size + 7) & ~7;
    return heap + at;
}

EXPORT("proxy_on_context_create") void context_create(int context, int parent)
{
    (void)context, (void)parent;
}

static int number_at(const char *at)
{
    const unsigned char *bytes = (const unsigned char *)at;
    return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | bytes[3] << 24;
}

/* A count, the sizes of all keys and values, and then the texts, each with one byte behind it: MOSN
 * writes the digit 0 there, and not NUL. */
EXPORT("proxy_on_vm_start") int vm_start(int context, int size)
{
    const char *data = 0;
    int got = 0;
    (void)context;
    if (get_buffer_bytes(PLUGIN_CONFIGURATION, 0, size, &data, &got) != 0 || got < 12)
        return 1;
    int count = number_at(data), key = number_at(data + 4), length = number_at(data + 8);
    int start = 4 + 8 * count + key + 1;
    if (length < 0 || length > (int)sizeof(value) || start + length > got)
        return 1;
    for (value_size = 0; value_size < length; value_size++)
        value[value_size] = data[start + value_size];
    return 1;
}

EXPORT("proxy_on_request_headers") int request_headers(int context, int count, int end)
{
    (void)context, (void)count, (void)end;
    return 0;
}

EXPORT("proxy_on_response_headers") int response_headers(int context, int count, int end)
{
    (void)context, (void)count, (void)end;
    add_header(RESPONSE_HEADERS, "x-stamp", 7, value, value_size);
    return 0;
}
