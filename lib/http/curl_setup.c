/* Turns a transfer into the options of a libcurl handle. */
#include "http/curl_setup.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/lazy.h"
#include "base/mem.h"
#include "http/curl_peer.h"
#include "http/curl_soname.h"
#include "http/details.h"

enum { LARGE_BUFFER = 256 * 1024 };

static __typeof__(curl_easy_setopt) *lib_easy_setopt;
static __typeof__(curl_slist_append) *lib_slist_append;

static int load(struct err *err)
{
    static const struct lazy_symbol symbols[] = {
        {"curl_easy_setopt", &lib_easy_setopt},
        {"curl_slist_append", &lib_slist_append},
    };
    static struct lazy_library library = {CURL_SONAME, symbols, COUNT(symbols), NULL};
    return lazy_load(&library, err);
}

void transfer_move(struct http_transfer *transfer, long long bytes)
{
    transfer->moved_at = clock_ms();
    transfer->moved += bytes > 0 ? bytes : 0;
    *((const struct http_part *)transfer->part)->busy = true;
}

static size_t on_read(char *to, size_t size, size_t count, void *arg)
{
    struct http_transfer *transfer = arg;
    long got = transfer->read(transfer->arg, to, size * count);
    transfer->waits = got == HTTP_WAIT;
    if (transfer->waits)
        return CURL_READFUNC_PAUSE;
    transfer_move(transfer, got);
    return got < 0 ? CURL_READFUNC_ABORT : (size_t)got;
}

static int on_seek(void *arg, curl_off_t offset, int origin)
{
    struct http_transfer *transfer = arg;
    if (offset != 0 || origin != SEEK_SET || !transfer->rewind(transfer->arg))
        return CURL_SEEKFUNC_FAIL;
    return CURL_SEEKFUNC_OK;
}

static size_t on_head(char *line, size_t size, size_t count, void *arg)
{
    struct http_transfer *transfer = arg;
    size_t len = size * count;
    transfer_move(transfer, (long long)len);
    return transfer->head(transfer->arg, line, len) ? len : 0;
}

static size_t on_write(char *data, size_t size, size_t count, void *arg)
{
    struct http_transfer *transfer = arg;
    size_t len = size * count;
    transfer_move(transfer, (long long)len);
    /* Any other number than the count cuts the exchange, and the count may be 0. */
    return transfer->write(transfer->arg, data, len) ? len : len + 1;
}

/* Options are set one after another; the first refusal is kept and reported at the end. */
struct setup {
    CURL *handle;
    CURLcode code;
};

#define SET(setup, option, value)                                                                  \
    do {                                                                                           \
        if ((setup)->code == CURLE_OK)                                                             \
            (setup)->code = lib_easy_setopt((setup)->handle, option, value);                       \
    } while (0)

static void set_method(struct setup *setup, const struct http_transfer *transfer)
{
    SET(setup, CURLOPT_CUSTOMREQUEST, strcmp(transfer->method, "DELETE") ? NULL : "DELETE");
    if (strcmp(transfer->method, "HEAD") == 0) {
        SET(setup, CURLOPT_NOBODY, 1L);
    } else if (strcmp(transfer->method, "POST") == 0) {
        SET(setup, CURLOPT_POST, 1L);
        SET(setup, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->send_size);
        SET(setup, CURLOPT_POSTFIELDS, transfer->send_size ? NULL : "");
    } else if (strcmp(transfer->method, "PUT") == 0) {
        SET(setup, CURLOPT_UPLOAD, 1L);
        SET(setup, CURLOPT_INFILESIZE_LARGE, (curl_off_t)transfer->send_size);
        if (transfer->large)
            SET(setup, CURLOPT_UPLOAD_BUFFERSIZE, (long)LARGE_BUFFER);
    }
}

static void set_callbacks(struct setup *setup, struct http_transfer *transfer)
{
    SET(setup, CURLOPT_READFUNCTION, on_read);
    SET(setup, CURLOPT_READDATA, transfer);
    SET(setup, CURLOPT_SEEKFUNCTION, on_seek);
    SET(setup, CURLOPT_SEEKDATA, transfer);
    SET(setup, CURLOPT_HEADERFUNCTION, on_head);
    SET(setup, CURLOPT_HEADERDATA, transfer);
    SET(setup, CURLOPT_WRITEFUNCTION, on_write);
    SET(setup, CURLOPT_WRITEDATA, transfer);
    SET(setup, CURLOPT_PRIVATE, transfer);
    SET(setup, CURLOPT_ERRORBUFFER, transfer->reason);
}

static void set_tls(struct setup *setup, const struct trust *trust, bool insecure)
{
    if (insecure) {
        SET(setup, CURLOPT_SSL_VERIFYPEER, 0L);
        SET(setup, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (trust->folder) {
        SET(setup, CURLOPT_CAPATH, trust->folder);
        SET(setup, CURLOPT_CAINFO, NULL);
    } else if (trust->narrow) {
        SET(setup, CURLOPT_CAPATH, NULL);
        SET(setup, CURLOPT_CAINFO, NULL);
    }
    if (trust->bundle.len) {
        struct curl_blob blob = {trust->bundle.data, trust->bundle.len, CURL_BLOB_NOCOPY};
        SET(setup, CURLOPT_CAINFO_BLOB, &blob);
    }
    if (trust->certificate) {
        SET(setup, CURLOPT_SSLCERT, trust->certificate);
        SET(setup, CURLOPT_SSLKEY, trust->key);
        SET(setup, CURLOPT_KEYPASSWD, ""); /* without it, libcurl asks on the terminal */
    }
}

static struct curl_slist *header_list(const struct http_transfer *transfer)
{
    /* Without this libcurl waits for "100 Continue" before it sends a large body. */
    struct curl_slist *list = lib_slist_append(NULL, "Expect:");
    for (const char *const *header = transfer->headers; *header; header++) {
        struct curl_slist *longer = lib_slist_append(list, *header);
        if (!list || !longer)
            abort();
        list = longer;
    }
    return list;
}

/* Connections are kept in two places, since libcurl notes for each host of a place whether its
 * connections can be shared. */
static void set_version(struct setup *setup, void *alone, const struct http_transfer *transfer)
{
    bool tls = strncmp(transfer->url, "https:", 6) == 0;
    if (tls && !transfer->alone) {
        /* With HTTP/2, one connection and one handshake serve all exchanges with a host. */
        SET(setup, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
        SET(setup, CURLOPT_PIPEWAIT, 1L);
        return;
    }
    SET(setup, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    if (tls)
        SET(setup, CURLOPT_SHARE, alone);
}

static void set_connection(struct setup *setup, const struct http_settings *settings,
                           struct http_transfer *transfer)
{
    SET(setup, CURLOPT_CONNECTTIMEOUT, settings->connect_seconds);
    SET(setup, CURLOPT_NOSIGNAL, 1L); /* SIGPIPE is ignored by the program */
    SET(setup, CURLOPT_QUICK_EXIT,
        1L); /* the program ends without waiting for a slow name server */
    struct http_part *part = transfer->part;
    part->own_proxy =
        !transfer->direct && settings->http_proxy && strncmp(transfer->url, "http:", 5) == 0;
    if (transfer->direct)
        SET(setup, CURLOPT_PROXY, "");
    else if (part->own_proxy)
        SET(setup, CURLOPT_PROXY, settings->http_proxy);
    if (transfer->large)
        SET(setup, CURLOPT_BUFFERSIZE, (long)LARGE_BUFFER);
}

int curl_set_up(const struct http_settings *settings, void *alone, struct http_transfer *transfer)
{
    struct http_part *part = transfer->part;
    struct setup setup = {part->handle, CURLE_OK};
    if (load(ERR_IGNORED) != 0)
        return CURLE_FAILED_INIT;
    part->headers = header_list(transfer);
    SET(&setup, CURLOPT_URL, transfer->url);
    SET(&setup, CURLOPT_PROTOCOLS_STR, "http,https");
    SET(&setup, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(&setup, CURLOPT_HTTPHEADER, part->headers);
    SET(&setup, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(&setup, CURLOPT_USERAGENT, settings->user_agent);
    set_version(&setup, alone, transfer);
    set_connection(&setup, settings, transfer);
    set_callbacks(&setup, transfer);
    set_tls(&setup, transfer->trust, settings->insecure);
    set_method(&setup, transfer);
    if (!peer_watch(transfer) ||
        (transfer->details && !details_ask(part->handle, transfer->details)))
        setup.code = CURLE_FAILED_INIT;
    return (int)setup.code;
}
