/* A filter without a library: one callback, one call of the host. */
__attribute__((import_module("env"), import_name("proxy_log"))) int proxy_log(int, const char *,
                                                                              int);
static char heap[4096];

__attribute__((export_name("proxy_abi_version_0_1_0"))) void proxy_abi_version(void)
{
}

__attribute__((export_name("malloc"))) void *allocate(int size)
{
    return size <= (int)sizeof(heap) ? heap : 0;
}

__attribute__((export_name("proxy_on_configure"))) int configure(int context, int size)
{
    (void)context, (void)size;
    return 1;
}

__attribute__((export_name("proxy_on_request_headers"))) int headers(int context, int count)
{
    (void)context, (void)count;
    return proxy_log(2, "hello", 5);
}
