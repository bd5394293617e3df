#include "http/url.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <string.h>

#include "base/lazy.h"
#include "base/mem.h"
#include "http/curl_soname.h"

static __typeof__(curl_url) *lib_url;
static __typeof__(curl_url_cleanup) *lib_url_cleanup;
static __typeof__(curl_url_set) *lib_url_set;
static __typeof__(curl_url_get) *lib_url_get;
static __typeof__(curl_free) *lib_free;

static int load(struct err *err)
{
    static const struct lazy_symbol symbols[] = {
        {"curl_url", &lib_url},         {"curl_url_cleanup", &lib_url_cleanup},
        {"curl_url_set", &lib_url_set}, {"curl_url_get", &lib_url_get},
        {"curl_free", &lib_free},
    };
    static struct lazy_library library = {CURL_SONAME, symbols, COUNT(symbols), NULL};
    return lazy_load(&library, err);
}

int url_join(const char *base, const char *location, char **out, struct err *err)
{
    int rc = load(err);
    if (rc)
        return rc;
    CURLU *url = lib_url();
    char *text = NULL;
    char *scheme = NULL;
    if (!url)
        abort();
    bool fine = lib_url_set(url, CURLUPART_URL, base, 0) == CURLUE_OK &&
                lib_url_set(url, CURLUPART_URL, location, CURLU_URLENCODE) == CURLUE_OK &&
                lib_url_set(url, CURLUPART_FRAGMENT, NULL, 0) == CURLUE_OK &&
                lib_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) &&
                lib_url_get(url, CURLUPART_URL, &text, 0) == CURLUE_OK;
    if (fine)
        *out = mem_dup(text);
    lib_free(text);
    lib_free(scheme);
    lib_url_cleanup(url);
    return fine ? 0
                : err_set(err, ERR_DAMAGED,
                          "the registry names an address that is no URL: \"%.200s\"", location);
}

int url_origin(const char *text, char **out, struct err *err)
{
    int rc = load(err);
    if (rc)
        return rc;
    CURLU *url = lib_url();
    char *scheme = NULL;
    char *host = NULL;
    char *port = NULL;
    if (!url)
        abort();
    bool fine = lib_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
                lib_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                lib_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
                lib_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK;
    if (fine) {
        for (char *at = host; *at; at++)
            if (*at >= 'A' && *at <= 'Z')
                *at = (char)(*at - 'A' + 'a');
        *out = mem_printf("%s://%s:%s", scheme, host, port);
    }
    lib_free(scheme);
    lib_free(host);
    lib_free(port);
    lib_url_cleanup(url);
    return fine ? 0 : err_set(err, ERR_DAMAGED, "\"%.200s\" is no URL", text);
}

bool url_same_origin(const char *a, const char *b)
{
    AUTO_FREE char *first = NULL;
    AUTO_FREE char *second = NULL;
    return url_origin(a, &first, ERR_IGNORED) == 0 && url_origin(b, &second, ERR_IGNORED) == 0 &&
           strcmp(first, second) == 0;
}

void url_hide_logins(char *text)
{
    for (char *at = strstr(text, "://"); at; at = strstr(at + 3, "://")) {
        char *login = at + 3;
        /* The password may hold '@' and '/', though it should not. */
        char *end = memrchr(login, '@', strcspn(login, " '\""));
        if (end)
            memmove(login, end + 1, strlen(end));
    }
}
