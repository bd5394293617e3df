/* libcurl gives some facts about a connection as values, and others only in the lines of its
 * verbose mode, whose wording has stayed the same since 7.40. Other lines are ignored. */
#include "http/details.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/lazy.h"
#include "base/mem.h"
#include "http/curl_soname.h"

static __typeof__(curl_easy_setopt) *lib_easy_setopt;
static __typeof__(curl_easy_getinfo) *lib_easy_getinfo;
static __typeof__(curl_getdate) *lib_getdate;
static __typeof__(curl_version) *lib_version;

static int load(struct err *err)
{
    static const struct lazy_symbol symbols[] = {
        {"curl_easy_setopt", &lib_easy_setopt},
        {"curl_easy_getinfo", &lib_easy_getinfo},
        {"curl_getdate", &lib_getdate},
        {"curl_version", &lib_version},
    };
    static struct lazy_library library = {CURL_SONAME, symbols, COUNT(symbols), NULL};
    return lazy_load(&library, err);
}

int details_library(char **version, struct err *err)
{
    int rc = load(err);
    if (!rc)
        *version = mem_dup(lib_version());
    return rc;
}

void details_release(struct http_details *details)
{
    free(details->peer);
    free(details->proxy);
    free(details->tls);
    free(details->issuer);
    free(details->names);
    *details = (struct http_details){0};
}

static void keep(char **slot, const char *text, size_t len)
{
    free(*slot);
    *slot = mem_dup_n(text, len < DETAILS_TEXT_MAX ? len : DETAILS_TEXT_MAX);
}

/* The rest of the line behind `start`; NULL: the line does not begin with it. */
static const char *behind(const char *line, const char *start)
{
    size_t len = strlen(start);
    return strncmp(line, start, len) == 0 ? line + len : NULL;
}

/* Takes "https_proxy == 'http://user:password@proxy:3128'", without the login. */
static void take_proxy(struct http_details *details, const char *text)
{
    const char *sign = strstr(text, " == '");
    const char *end = strrchr(text, '\'');
    if (!sign || sign + 5 > end || strncasecmp(text, "no_proxy", 8) == 0)
        return;
    const char *value = sign + 5;
    AUTO_FREE char *address = mem_dup_n(value, (size_t)(end - value));
    const char *scheme_end = strstr(address, "://");
    const char *host = scheme_end ? scheme_end + 3 : address;
    const char *login_end = strrchr(host, '@');
    AUTO_FREE char *shown =
        mem_printf("%.*s, %.*s%s", (int)(sign - text), text, (int)(host - address), address,
                   login_end ? login_end + 1 : host);
    keep(&details->proxy, shown, strlen(shown));
}

void details_send(struct http_details *details, const char *data, size_t len)
{
    /* A request to a proxy for plain http has the whole address as its target (RFC 9112, 3.2.2:
     * "GET http://…"), also when the environment did not name the proxy. */
    const char *space = memchr(data, ' ', len);
    if (space && len - (size_t)(space - data) > 5 && memcmp(space, " http", 5) == 0)
        details->forwarded = true;
}

void details_say(struct http_details *details, const char *data, size_t len)
{
    AUTO_FREE char *line = mem_dup_n(data, len < DETAILS_TEXT_MAX ? len : DETAILS_TEXT_MAX);
    const char *proxy = behind(line, "Uses proxy env variable ");
    const char *tls = behind(line, "SSL connection using ");
    if (proxy)
        take_proxy(details, proxy);
    if (tls)
        keep(&details->tls, tls, strcspn(tls, " \r\n"));
}

bool details_ask(void *handle, struct http_details *details)
{
    details_release(details);
    return load(ERR_IGNORED) == 0 && lib_easy_setopt(handle, CURLOPT_CERTINFO, 1L) == CURLE_OK;
}

static void take_date(time_t *slot, const char *text)
{
    time_t when = lib_getdate(text, NULL);
    *slot = when > 0 ? when : 0;
}

/* Takes the lines "Name:value" of one certificate. */
static void take_certificate(struct http_details *details, const struct curl_slist *line)
{
    const char *subject = NULL;
    for (; line; line = line->next) {
        const char *value = strchr(line->data, ':');
        if (!value++)
            continue;
        if (behind(line->data, "Issuer:"))
            keep(&details->issuer, value, strlen(value));
        else if (behind(line->data, "X509v3 Subject Alternative Name:"))
            keep(&details->names, value, strlen(value));
        else if (behind(line->data, "Subject:"))
            subject = value;
        else if (behind(line->data, "Start date:"))
            take_date(&details->begins, value);
        else if (behind(line->data, "Expire date:"))
            take_date(&details->expires, value);
    }
    if (!details->names && subject)
        keep(&details->names, subject, strlen(subject));
}

void details_take(void *handle, struct http_details *details)
{
    const char *address = NULL;
    long port = 0;
    struct curl_certinfo *certificates = NULL;
    if (lib_easy_getinfo(handle, CURLINFO_PRIMARY_IP, &address) == CURLE_OK && address &&
        *address && lib_easy_getinfo(handle, CURLINFO_PRIMARY_PORT, &port) == CURLE_OK) {
        free(details->peer);
        details->peer = mem_printf("%s port %ld", address, port);
    }
    if (details->forwarded && !details->proxy && details->peer)
        details->proxy = mem_printf("HTTP_PROXY, %s", details->peer);
    if (lib_easy_getinfo(handle, CURLINFO_CERTINFO, &certificates) == CURLE_OK && certificates &&
        certificates->num_of_certs > 0)
        take_certificate(details, certificates->certinfo[0]);
}
