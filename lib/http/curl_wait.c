#include "http/curl_wait.h"

#include <curl/curl.h>
#include <sys/select.h>

#include "base/lazy.h"
#include "base/mem.h"
#include "http/curl_soname.h"

enum { IDLE_MAX = 4, SHORT_WAIT_MS = 10 };

static __typeof__(curl_multi_poll) *lib_multi_poll;
static __typeof__(curl_multi_fdset) *lib_multi_fdset;

static int load(void)
{
    static const struct lazy_symbol symbols[] = {
        {"curl_multi_poll", &lib_multi_poll},
        {"curl_multi_fdset", &lib_multi_fdset},
    };
    static struct lazy_library library = {CURL_SONAME, symbols, COUNT(symbols), NULL};
    return lazy_load(&library, ERR_IGNORED);
}

/* Waits until bytes come, or until a socket takes bytes from which none are expected (a connection
 * that is being made). */
static int wait_short(void *multi, int wait_ms)
{
    fd_set in, out, other;
    int most = -1;
    struct timeval time = {0, (wait_ms < SHORT_WAIT_MS ? wait_ms : SHORT_WAIT_MS) * 1000L};
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_ZERO(&other);
    CURLMcode code = lib_multi_fdset(multi, &in, &out, &other, &most);
    for (int fd = 0; fd <= most; fd++)
        if (FD_ISSET(fd, &in))
            FD_CLR(fd, &out);
    if (!code)
        (void)select(most + 1, &in, &out, &other, &time);
    return (int)code;
}

int curl_wait(void *multi, int *idle, int wait_ms)
{
    int ready = 0;
    if (load() != 0)
        return (int)CURLM_INTERNAL_ERROR;
    if (*idle >= IDLE_MAX)
        return wait_short(multi, wait_ms);
    int code = (int)lib_multi_poll(multi, NULL, 0, wait_ms, &ready);
    *idle = ready ? *idle + 1 : 0;
    return code;
}
