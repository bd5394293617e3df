/* A filter that tells in the header x-stamp what MOSN 1.6 did with it: how often it called
 * proxy_on_vm_start and proxy_on_configure, and which byte ends the first text of the configuration
 * and of the headers. */
#define IMPORT(name) __attribute__((import_module("env"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

IMPORT("proxy_get_buffer_bytes")
int get_buffer_bytes(int buffer, int start, int max, const char **data, int *size);
IMPORT("proxy_get_header_map_pairs")
int get_headers(int map, const char **data, int *size);
IMPORT("proxy_add_header_map_value")
int add_header(int map, const char *key, int key_size, const char *value, int value_size);

enum { HEAP = 1024 * 1024, PLUGIN_CONFIGURATION = 7, RESPONSE_HEADERS = 2 };

static char heap[HEAP];
static int used, starts, configures;
static char configuration_end = '?';

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

/* The byte behind the first key of a map. */
static char end_of_key(const char *map)
{
    return map[4 + 8 * number_at(map) + number_at(map + 4)];
}

static char shown(char end)
{
    return end ? end : 'N';
}

EXPORT("proxy_on_vm_start") int vm_start(int context, int size)
{
    const char *data = 0;
    int got = 0;
    (void)context;
    starts++;
    if (get_buffer_bytes(PLUGIN_CONFIGURATION, 0, size, &data, &got) == 0 && got >= 12)
        configuration_end = end_of_key(data);
    return 1;
}

EXPORT("proxy_on_configure") int configure(int context, int size)
{
    (void)context, (void)size;
    configures++;
    return 1;
}

EXPORT("proxy_on_response_headers") int response_headers(int context, int count, int end)
{
    static char text[] = "starts ?, configures ?, configuration ?, headers ?";
    const char *data = 0;
    int got = 0;
    (void)context, (void)count, (void)end;
    text[7] = (char)('0' + starts);
    text[21] = (char)('0' + configures);
    text[38] = shown(configuration_end);
    add_header(RESPONSE_HEADERS, "x-any", 5, "any", 3);
    if (get_headers(RESPONSE_HEADERS, &data, &got) == 0 && got >= 12)
        text[49] = shown(end_of_key(data));
    add_header(RESPONSE_HEADERS, "x-stamp", 7, text, sizeof(text) - 1);
    return 0;
}
