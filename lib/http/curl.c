/* The functions of http.h, by libcurl. Other parts of libcurl are used in curl_setup.c (options),
 * curl_peer.c (the address of a peer), curl_outcome.c (the result of an exchange), details.c (facts
 * about a connection) and url.c (addresses). */
#include "http/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/clock.h"
#include "base/lazy.h"
#include "base/mem.h"
#include "http/curl_outcome.h"
#include "http/curl_peer.h"
#include "http/curl_setup.h"
#include "http/curl_soname.h"
#include "http/details.h"
#include "http/url.h"

DLOPEN_NOTE(curl, "[{\"feature\":\"registry\",\"description\":\"push to and pull from registries\","
                  "\"priority\":\"recommended\",\"soname\":[\"" CURL_SONAME "\"]}]");

#define KEPT_MAX 64L /* connections */
enum { AFTER_BUSY_MS = 1 };

static __typeof__(curl_global_init) *lib_global_init;
static __typeof__(curl_easy_init) *lib_easy_init;
static __typeof__(curl_easy_getinfo) *lib_easy_getinfo;
static __typeof__(curl_easy_cleanup) *lib_easy_cleanup;
static __typeof__(curl_easy_pause) *lib_easy_pause;
static __typeof__(curl_easy_strerror) *lib_easy_strerror;
static __typeof__(curl_multi_init) *lib_multi_init;
static __typeof__(curl_multi_setopt) *lib_multi_setopt;
static __typeof__(curl_multi_add_handle) *lib_multi_add;
static __typeof__(curl_multi_remove_handle) *lib_multi_remove;
static __typeof__(curl_multi_perform) *lib_multi_perform;
static __typeof__(curl_multi_poll) *lib_multi_poll;
static __typeof__(curl_multi_info_read) *lib_multi_info_read;
static __typeof__(curl_multi_cleanup) *lib_multi_cleanup;
static __typeof__(curl_share_init) *lib_share_init;
static __typeof__(curl_share_setopt) *lib_share_setopt;
static __typeof__(curl_share_cleanup) *lib_share_cleanup;
static __typeof__(curl_slist_free_all) *lib_slist_free_all;

static int load(struct err *err)
{
    static const struct lazy_symbol symbols[] = {
        {"curl_global_init", &lib_global_init},
        {"curl_easy_init", &lib_easy_init},
        {"curl_easy_getinfo", &lib_easy_getinfo},
        {"curl_easy_cleanup", &lib_easy_cleanup},
        {"curl_easy_pause", &lib_easy_pause},
        {"curl_easy_strerror", &lib_easy_strerror},
        {"curl_multi_init", &lib_multi_init},
        {"curl_multi_setopt", &lib_multi_setopt},
        {"curl_multi_add_handle", &lib_multi_add},
        {"curl_multi_remove_handle", &lib_multi_remove},
        {"curl_multi_perform", &lib_multi_perform},
        {"curl_multi_poll", &lib_multi_poll},
        {"curl_multi_info_read", &lib_multi_info_read},
        {"curl_multi_cleanup", &lib_multi_cleanup},
        {"curl_share_init", &lib_share_init},
        {"curl_share_setopt", &lib_share_setopt},
        {"curl_share_cleanup", &lib_share_cleanup},
        {"curl_slist_free_all", &lib_slist_free_all},
    };
    static struct lazy_library library = {CURL_SONAME, symbols, COUNT(symbols), NULL};
    /* Another thread must not use libcurl before this one has initialised it. */
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
    bool first = !library.handle;
    int rc = lazy_load(&library, err);
    if (!rc && first && lib_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
    pthread_mutex_unlock(&mutex);
    return rc;
}

struct http {
    struct http_settings settings;
    CURLM *multi;  /* NULL until needed */
    bool busy;     /* bytes have moved, or an exchange has ended, in the last http_step() */
    CURLSH *alone; /* the connections of exchanges that are `alone` */
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
    if (http->alone)
        (void)lib_share_cleanup(http->alone);
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
    http->alone = lib_share_init();
    if (!http->alone ||
        lib_share_setopt(http->alone, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT) != CURLSHE_OK)
        abort();
    return 0;
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
    part->busy = &http->busy;
    transfer->part = part;
    transfer->reason[0] = '\0';
    transfer->moved = 0;
    transfer->unsent = 0;
    transfer->waits = false;
    transfer->by_proxy = false;
    transfer->refused = false;
    transfer->peer[0] = '\0';
    transfer->moved_at = clock_ms();
    int code = curl_set_up(&http->settings, http->alone, transfer);
    if (!code && lib_multi_add(http->multi, part->handle) == CURLM_OK) {
        transfer->outcome = HTTP_RUNNING;
        return 0;
    }
    drop_part(transfer);
    return err_set(err, ERR_FAILED, "libcurl: %s", lib_easy_strerror((CURLcode)code));
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
        transfer_move(transfer, transfer->unsent - unsent);
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
    transfer->multiplexed = lib_easy_getinfo(handle, CURLINFO_HTTP_VERSION, &number) == CURLE_OK &&
                            number == CURL_HTTP_VERSION_2_0;
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
        http->busy = true;
    }
}

int http_step(struct http *http, int wait_ms, struct err *err)
{
    int rc = make_ready(http, err);
    if (rc)
        return rc;
    int running = 0;
    /* When the answers to two exchanges of one HTTP/2 connection come together, libcurl 7.88 ends
     * one of them at the next call only, and does not say that it wants one. */
    int wait = http->busy && wait_ms > AFTER_BUSY_MS ? AFTER_BUSY_MS : wait_ms;
    http->busy = false;
    CURLMcode code = lib_multi_poll(http->multi, NULL, 0, wait, NULL);
    if (code == CURLM_OK)
        code = lib_multi_perform(http->multi, &running);
    if (code != CURLM_OK)
        return err_set(err, ERR_FAILED, "libcurl fails (%d)", (int)code);
    take_messages(http);
    return 0;
}
