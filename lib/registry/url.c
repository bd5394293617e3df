/*
 * libcurl knows all that URLs can be; the forms that nearly all registries use are known here, so
 * that it need not be loaded for them.
 */
#include "registry/url.h"

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "registry/curl.h"

/* Unreserved characters and those that mean nothing special behind the host. */
static bool is_simple(const char *path)
{
    return path[strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                             "-_~.:=%&?/+,@")] == '\0' &&
           !strstr(path, "/.") && !strstr(path, "//");
}

/* The length of "http://host:port" before the path; 0 when there is no port. */
static size_t origin_len(const char *url)
{
    const char *host = strncmp(url, "http://", 7) == 0    ? url + 7
                       : strncmp(url, "https://", 8) == 0 ? url + 8
                                                          : NULL;
    if (!host)
        return 0;
    size_t name = strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-");
    size_t digits = host[name] == ':' ? strspn(host + name + 1, "0123456789") : 0;
    const char *end = host + name + 1 + digits;
    return name && digits && digits <= 5 && host[name + 1] != '0' && (*end == '/' || !*end)
               ? (size_t)(end - url)
               : 0;
}

int url_join(const char *base, const char *location, char **out, struct err *err)
{
    size_t base_len = origin_len(base);
    size_t len = origin_len(location);
    if (base_len && *location == '/' && is_simple(location)) {
        *out = mem_printf("%.*s%s", (int)base_len, base, location);
        return 0;
    }
    if (base_len && len == base_len && strncmp(base, location, len) == 0 &&
        is_simple(location + len)) {
        *out = mem_dup(location);
        return 0;
    }
    return curl_url_join(base, location, out, err);
}

int url_origin(const char *url, char **out, struct err *err)
{
    size_t len = origin_len(url);
    const char *host = len ? strstr(url, "://") + 3 : "";
    /* A host that may be a number in another spelling is libcurl's to tell. */
    bool number = host[strspn(host, "0123456789.")] == ':' || memmem(url, len, "0x", 2);
    if (len && (!number || strncmp(host, "127.0.0.1:", 10) == 0)) {
        *out = mem_dup_n(url, len);
        return 0;
    }
    return curl_url_origin(url, out, err);
}
