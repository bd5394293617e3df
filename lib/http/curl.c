/* The functions of http.h, by libcurl. Other parts of libcurl are used in curl_peer.c (the address
 * of a peer), curl_outcome.c (the result of an exchange), curl_wait.c (waiting), details.c (facts
 * about a connection) and url.c (addresses). */
#include "http/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/clock.h"
#include "base/lazy.h"
#include "base/mem.h"
#include "http/curl_outcome.h"
#include "http/curl_peer.h"
#include "http/curl_soname.h"
#include "http/curl_wait.h"
#include "http/details.h"
#include "http/url.h"

DLOPEN_NOTE(curl, "[{\"feature\":\"registry\",\"description\":\"push to and pull from registries\","
                  "\"priority\":\"recommended\",\"soname\":[\"" CURL_SONAME "\"]}]");

enum { LARGE_BUFFER = 256 * 1024 };
#define KEPT_MAX 64L /* connections */

static __typeof__(curl_global_init) *lib_global_init;
static __typeof__(curl_easy_init) *lib_easy_init;
static __typeof__(curl_easy_setopt) *lib_easy_setopt;
static __typeof__(curl_easy_getinfo) *lib_easy_getinfo;
static __typeof__(curl_easy_cleanup) *lib_easy_cleanup;
static __typeof__(curl_easy_pause) *lib_easy_pause;
static __typeof__(curl_easy_strerror) *lib_easy_strerror;
static __typeof__(curl_multi_init) *lib_multi_init;
static __typeof__(curl_multi_setopt) *lib_multi_setopt;
static __typeof__(curl_multi_add_handle) *lib_multi_add;
static __typeof__(curl_multi_remove_handle) *lib_multi_remove;
static __typeof__(curl_multi_perform) *lib_multi_perform;
static __typeof__(curl_multi_info_read) *lib_multi_info_read;
static __typeof__(curl_multi_cleanup) *lib_multi_cleanup;
static __typeof__(curl_slist_append) *lib_slist_append;
static __typeof__(curl_slist_free_all) *lib_slist_free_all;

static int load(struct err *err)
{
    static const struct lazy_symbol symbols[] = {
        {"curl_global_init", &lib_global_init},
        {"curl_easy_init", &lib_easy_init},
        {"curl_easy_setopt", &lib_easy_setopt},
        {"curl_easy_getinfo", &lib_easy_getinfo},
        {"curl_easy_cleanup", &lib_easy_cleanup},
        {"curl_easy_pause", &lib_easy_pause},
        {"curl_easy_strerror", &lib_easy_strerror},
        {"curl_multi_init", &lib_multi_init},
        {"curl_multi_setopt", &lib_multi_setopt},
        {"curl_multi_add_handle", &lib_multi_add},
        {"curl_multi_remove_handle", &lib_multi_remove},
        {"curl_multi_perform", &lib_multi_perform},
        {"curl_multi_info_read", &lib_multi_info_read},
        {"curl_multi_cleanup", &lib_multi_cleanup},
        {"curl_slist_append", &lib_slist_append},
        {"curl_slist_free_all", &lib_slist_free_all},
    };
    static struct lazy_library library = {CURL_SONAME, symbols, COUNT(symbols), NULL};
    bool first = !library.handle;
    int rc = lazy_load(&library, err);
    if (!rc && first && lib_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
    return rc;
}

struct http {
    struct http_settings settings;
    CURLM *multi; /* NULL until needed */
    int idle;     /* see curl_wait() */
};

void http_open(const struct http_settings *settings, struct http **out)
{
    *out = mem_zero(1, sizeof(**out));
    (*out)->settings = *settings;
}

void http_close(struct http *http)
{
    if (!http)
        return;
    if (http->multi)
        (void)lib_multi_cleanup(http->multi);
    free(http);
}

static int make_ready(struct http *http, struct err *err)
{
    int rc = http->multi ? 0 : load(err);
    if (rc || http->multi)
        return rc;
    http->multi = lib_multi_init();
    /* Without a limit of its own, libcurl keeps four times as many connections as exchanges that
     * run: too few between two rounds of exchanges. */
    if (!http->multi || lib_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, KEPT_MAX) != CURLM_OK)
        abort();
    return 0;
}

static void move(struct http_transfer *transfer, long long bytes)
{
    transfer->moved_at = clock_ms();
    transfer->moved += bytes > 0 ? bytes : 0;
    *((const struct http_part *)transfer->part)->idle = 0;
}

static size_t on_read(char *to, size_t size, size_t count, void *arg)
{
    struct http_transfer *transfer = arg;
    long got = transfer->read(transfer->arg, to, size * count);
    transfer->waits = got == HTTP_WAIT;
    if (transfer->waits)
        return CURL_READFUNC_PAUSE;
    move(transfer, got);
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
    move(transfer, (long long)len);
    return transfer->head(transfer->arg, line, len) ? len : 0;
}

static size_t on_write(char *data, size_t size, size_t count, void *arg)
{
    struct http_transfer *transfer = arg;
    size_t len = size * count;
    move(transfer, (long long)len);
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

static void set_connection(struct setup *setup, const struct http_settings *settings,
                           struct http_transfer *transfer)
{
    /* With HTTP/2, one connection and one handshake serve all exchanges with a host. */
    SET(setup, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    SET(setup, CURLOPT_PIPEWAIT, 1L);
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

static CURLcode set_up(const struct http *http, struct http_transfer *transfer)
{
    const struct http_part *part = transfer->part;
    struct setup setup = {part->handle, CURLE_OK};
    SET(&setup, CURLOPT_URL, transfer->url);
    SET(&setup, CURLOPT_PROTOCOLS_STR, "http,https");
    SET(&setup, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(&setup, CURLOPT_HTTPHEADER, part->headers);
    SET(&setup, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(&setup, CURLOPT_USERAGENT, http->settings.user_agent);
    set_connection(&setup, &http->settings, transfer);
    set_callbacks(&setup, transfer);
    set_tls(&setup, transfer->trust, http->settings.insecure);
    set_method(&setup, transfer);
    if (!peer_watch(transfer) ||
        (transfer->details && !details_ask(part->handle, transfer->details)))
        setup.code = CURLE_FAILED_INIT;
    return setup.code;
}

static void drop_part(struct http_transfer *transfer)
{
    struct http_part *part = transfer->part;
    lib_easy_cleanup(part->handle);
    lib_slist_free_all(part->headers);
    free(part);
    transfer->part = NULL;
}

int http_start(struct http *http, struct http_transfer *transfer, struct err *err)
{
    int rc = make_ready(http, err);
    if (rc)
        return rc;
    struct http_part *part = mem_zero(1, sizeof(*part));
    part->handle = lib_easy_init();
    if (!part->handle)
        abort();
    part->headers = header_list(transfer);
    part->idle = &http->idle;
    transfer->part = part;
    transfer->reason[0] = '\0';
    transfer->moved = 0;
    transfer->unsent = 0;
    transfer->waits = false;
    transfer->by_proxy = false;
    transfer->refused = false;
    transfer->peer[0] = '\0';
    transfer->moved_at = clock_ms();
    CURLcode code = set_up(http, transfer);
    if (!code && lib_multi_add(http->multi, part->handle) == CURLM_OK) {
        transfer->outcome = HTTP_RUNNING;
        return 0;
    }
    drop_part(transfer);
    return err_set(err, ERR_FAILED, "libcurl: %s", lib_easy_strerror(code));
}

void http_stop(struct http *http, struct http_transfer *transfer)
{
    if (transfer->outcome != HTTP_RUNNING)
        return;
    (void)lib_multi_remove(http->multi, ((struct http_part *)transfer->part)->handle);
    drop_part(transfer);
    transfer->outcome = HTTP_IDLE;
}

void http_go_on(struct http_transfer *transfer)
{
    transfer->waits = false;
    transfer->moved_at = clock_ms();
    (void)lib_easy_pause(((struct http_part *)transfer->part)->handle, CURLPAUSE_CONT);
}

void http_look(struct http_transfer *transfer)
{
    curl_socket_t socket = CURL_SOCKET_BAD;
    int unsent = 0;
    const struct http_part *part = transfer->part;
    if (!part || lib_easy_getinfo(part->handle, CURLINFO_ACTIVESOCKET, &socket) != CURLE_OK ||
        socket == CURL_SOCKET_BAD || ioctl(socket, SIOCOUTQ, &unsent) != 0)
        return;
    if (unsent < transfer->unsent)
        move(transfer, transfer->unsent - unsent);
    transfer->unsent = unsent;
}

static void take_outcome(struct http_transfer *transfer, CURL *handle, CURLcode code)
{
    long number = 0;
    const struct http_part *part = transfer->part;
    transfer->refused = code == CURLE_COULDNT_CONNECT &&
                        lib_easy_getinfo(handle, CURLINFO_OS_ERRNO, &number) == CURLE_OK &&
                        number == ECONNREFUSED;
    transfer->proxy_status = 0;
    (void)lib_easy_getinfo(handle, CURLINFO_HTTP_CONNECTCODE, &transfer->proxy_status);
    /* libcurl quotes the address of a proxy that cannot be used, with its login. */
    url_hide_logins(transfer->reason);
    transfer->outcome = curl_outcome((int)code, transfer->reason);
    if (transfer->outcome != HTTP_DONE && transfer->proxy_status >= 300)
        transfer->outcome = HTTP_PROXY_REFUSED;
    if (transfer->outcome != HTTP_DONE && part->forbidden)
        transfer->outcome = HTTP_FORBIDDEN;
}

static void take_messages(struct http *http)
{
    int left = 0;
    for (CURLMsg *message = lib_multi_info_read(http->multi, &left); message;
         message = lib_multi_info_read(http->multi, &left)) {
        struct http_transfer *transfer = NULL;
        CURLcode code = message->data.result;
        if (lib_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer) != CURLE_OK)
            abort();
        if (code == CURLE_SEND_FAIL_REWIND) /* libcurl's words are about the callback */
            (void)snprintf(transfer->reason, sizeof(transfer->reason), "closed by the peer");
        else if (code != CURLE_OK && !transfer->reason[0])
            (void)snprintf(transfer->reason, sizeof(transfer->reason), "%s",
                           lib_easy_strerror(code));
        if (transfer->details)
            details_take(message->easy_handle, transfer->details);
        take_outcome(transfer, message->easy_handle, code);
        (void)lib_multi_remove(http->multi, message->easy_handle);
        drop_part(transfer);
    }
}

int http_step(struct http *http, int wait_ms, struct err *err)
{
    int rc = make_ready(http, err);
    if (rc)
        return rc;
    int running = 0;
    CURLMcode code = (CURLMcode)curl_wait(http->multi, &http->idle, wait_ms);
    if (code == CURLM_OK)
        code = lib_multi_perform(http->multi, &running);
    if (code != CURLM_OK)
        return err_set(err, ERR_FAILED, "libcurl fails (%d)", (int)code);
    take_messages(http);
    return 0;
}
