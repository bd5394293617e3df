/*
 * Finds out which addresses libcurl connects to, and whether an address is a proxy's. Since 8.7
 * libcurl tells that by CURLINFO_USED_PROXY. Older versions tell it only in the lines of their
 * verbose mode; no release will change the wording of those versions any more.
 */
#include "http/curl_peer.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/lazy.h"
#include "base/mem.h"
#include "http/curl_soname.h"
#include "http/details.h"

enum { LINE_MAX_BYTES = 512 };
#define USED_PROXY ((CURLINFO)(CURLINFO_LONG + 66)) /* CURLINFO_USED_PROXY of later headers */

static __typeof__(curl_easy_setopt) *lib_easy_setopt;
static __typeof__(curl_easy_getinfo) *lib_easy_getinfo;

static int load(void)
{
    static const struct lazy_symbol symbols[] = {
        {"curl_easy_setopt", &lib_easy_setopt},
        {"curl_easy_getinfo", &lib_easy_getinfo},
    };
    static struct lazy_library library = {CURL_SONAME, symbols, COUNT(symbols), NULL};
    return lazy_load(&library, ERR_IGNORED);
}

/* Is `name` the host of the address? */
static bool is_host_of(const char *url, const char *name, size_t len)
{
    const char *sign = strstr(url, "://");
    const char *host = sign ? sign + 3 : url;
    host += *host == '[';
    return strncasecmp(host, name, len) == 0 && strchr(":/?#]", host[len]);
}

static void note_proxy(struct http_transfer *transfer, const char *line)
{
    static const char by_environment[] = "Uses proxy env variable ";
    static const char connected[] = "Connected to ";
    const struct http_part *part = transfer->part;
    if (strncmp(line, by_environment, sizeof(by_environment) - 1) == 0) {
        if (strncasecmp(line + sizeof(by_environment) - 1, "no_proxy", 8) != 0)
            transfer->by_proxy = true;
    } else if (part->own_proxy && strncmp(line, connected, sizeof(connected) - 1) == 0) {
        const char *name = line + sizeof(connected) - 1;
        transfer->by_proxy = !is_host_of(transfer->url, name, strcspn(name, " "));
    } else if (part->own_proxy && strncmp(line, "Re-using existing", 17) == 0) {
        transfer->by_proxy = strstr(line, " with proxy ") != NULL;
    }
}

static int on_line(CURL *handle, curl_infotype type, char *data, size_t len, void *arg)
{
    (void)handle;
    struct http_transfer *transfer = arg;
    if (type == CURLINFO_TEXT) {
        AUTO_FREE char *line = mem_dup_n(data, len < LINE_MAX_BYTES ? len : LINE_MAX_BYTES);
        note_proxy(transfer, line);
        if (transfer->details)
            details_say(transfer->details, data, len);
    } else if (type == CURLINFO_HEADER_OUT && transfer->details) {
        details_send(transfer->details, data, len);
    }
    return 0;
}

static bool look_for_proxy(struct http_transfer *transfer)
{
    const struct http_part *part = transfer->part;
    long used = 0;
    if (lib_easy_getinfo(part->handle, USED_PROXY, &used) == CURLE_OK)
        transfer->by_proxy = transfer->by_proxy || used == 1;
    return transfer->by_proxy;
}

static bool ask_may_reach(struct http_transfer *transfer, enum host_kind kind)
{
    if (transfer->may_reach(transfer->arg, kind))
        return true;
    ((struct http_part *)transfer->part)->forbidden = true;
    return false;
}

static void keep_text(struct http_transfer *transfer, const struct sockaddr *address)
{
    const struct sockaddr_in *v4 = (const void *)address;
    const struct sockaddr_in6 *v6 = (const void *)address;
    const void *raw =
        address->sa_family == AF_INET ? (const void *)&v4->sin_addr : (const void *)&v6->sin6_addr;
    (void)inet_ntop(address->sa_family, raw, transfer->peer, sizeof(transfer->peer));
}

/* Called for each new connection, of which libcurl may try several. A proxy of the settings is
 * recognised only after the connection to it has been made, and on_ready() judges then. */
static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    struct http_transfer *transfer = arg;
    const struct http_part *part = transfer->part;
    if (!part->own_proxy && !look_for_proxy(transfer) &&
        !ask_may_reach(transfer, host_kind_of(&address->addr))) {
        keep_text(transfer, &address->addr);
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Called when the connection is there, a new one or a kept one, before the request is sent. */
static int on_ready(void *arg, char *ip, char *own_ip, int port, int own_port)
{
    (void)own_ip;
    (void)port;
    (void)own_port;
    struct http_transfer *transfer = arg;
    if (look_for_proxy(transfer))
        return CURL_PREREQFUNC_OK;
    (void)snprintf(transfer->peer, sizeof(transfer->peer), "%s", ip);
    AUTO_FREE char *address = mem_printf(strchr(ip, ':') ? "[%s]" : "%s", ip);
    transfer->reached = host_kind(address);
    return ask_may_reach(transfer, transfer->reached) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

bool peer_watch(struct http_transfer *transfer)
{
    const struct http_part *part = transfer->part;
    CURL *handle = part->handle;
    return load() == 0 && lib_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, on_line) == CURLE_OK &&
           lib_easy_setopt(handle, CURLOPT_DEBUGDATA, transfer) == CURLE_OK &&
           lib_easy_setopt(handle, CURLOPT_VERBOSE, 1L) == CURLE_OK &&
           lib_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, on_socket) == CURLE_OK &&
           lib_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, transfer) == CURLE_OK &&
           lib_easy_setopt(handle, CURLOPT_PREREQFUNCTION, on_ready) == CURLE_OK &&
           lib_easy_setopt(handle, CURLOPT_PREREQDATA, transfer) == CURLE_OK;
}
