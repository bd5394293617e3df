#include "git/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/stop.h"
#include "http/http.h"

enum { TURN_MS = 250, CONNECT_SECONDS = 30, HEADERS_MAX = 6, PAGE_MAX = 1024 * 1024 };

struct git_exchange_site {
    const struct git_options *options;
    struct trust trust;
    struct http *http;
};

int git_exchange_open(const struct git_options *options, struct git_exchange_site **out,
                      struct err *err)
{
    AUTO(git_exchange_close) struct git_exchange_site *site = mem_zero(1, sizeof(*site));
    const struct http_settings settings = {
        .insecure = options->insecure,
        .user_agent = options->user_agent,
        .connect_seconds = CONNECT_SECONDS,
        .http_proxy = options->http_proxy,
    };
    site->options = options;
    int rc = trust_find(&options->trust, &site->trust, err);
    if (rc)
        return rc;
    http_open(&settings, &site->http);
    *out = STEAL(site);
    return 0;
}

void git_exchange_close(struct git_exchange_site **site)
{
    if (*site) {
        http_close((*site)->http);
        trust_release(&(*site)->trust);
    }
    free(*site);
    *site = NULL;
}

void git_exchange_release(struct git_exchange *exchange)
{
    free(exchange->location);
    err_release(&exchange->err);
    exchange->location = NULL;
}

/* The value of a field without the white space around it; NULL: the line is another field. */
static char *field(const char *line, size_t len, const char *name)
{
    size_t name_len = strlen(name);
    if (len <= name_len || strncasecmp(line, name, name_len) != 0 || line[name_len] != ':')
        return NULL;
    const char *at = line + name_len + 1;
    const char *end = line + len;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (end > at && strchr(" \t\r\n", end[-1]))
        end--;
    return mem_dup_n(at, (size_t)(end - at));
}

/* Is Basic among the challenges? One field may have several (RFC 9110, section 11.6.1), and a
 * quoted text in it any words. */
static bool offers_basic(const char *challenges)
{
    bool quoted = false;
    bool begins = true; /* of a challenge, or of a parameter */
    for (const char *at = challenges; *at; at++) {
        if (begins && strncasecmp(at, "Basic", 5) == 0 && strchr(" ,", at[5]))
            return true;
        quoted ^= *at == '"';
        at += quoted && *at == '\\' && at[1];
        begins = !quoted && (*at == ',' || (begins && *at == ' '));
    }
    return false;
}

static bool on_head(void *arg, const char *line, size_t len)
{
    struct git_exchange *exchange = arg;
    if (len > 9 && strncmp(line, "HTTP/", 5) == 0) {
        const char *space = memchr(line, ' ', len);
        exchange->status = space ? (int)strtol(space + 1, NULL, 10) : 0;
        exchange->right_type = exchange->basic = false;
        return true;
    }
    AUTO_FREE char *type = field(line, len, "Content-Type");
    AUTO_FREE char *challenge = field(line, len, "WWW-Authenticate");
    AUTO_FREE char *location = field(line, len, "Location");
    if (type) {
        size_t want = strlen(exchange->type);
        exchange->right_type =
            strncasecmp(type, exchange->type, want) == 0 && strchr("; \t", type[want]);
    }
    if (challenge && offers_basic(challenge))
        exchange->basic = true;
    if (location && !exchange->location)
        exchange->location = STEAL(location);
    return true;
}

static bool on_write(void *arg, const char *data, size_t len)
{
    struct git_exchange *exchange = arg;
    if (exchange->status != 200 || !exchange->right_type)
        return (exchange->dropped += len) <= PAGE_MAX; /* a page for people */
    return exchange->take(exchange->arg, data, len, &exchange->err) == 0;
}

static long on_read(void *arg, char *to, size_t room)
{
    struct git_exchange *exchange = arg;
    size_t left = exchange->body->len - exchange->sent;
    size_t n = left < room ? left : room;
    memcpy(to, exchange->body->data + exchange->sent, n);
    exchange->sent += n;
    return (long)n;
}

static bool on_rewind(void *arg)
{
    ((struct git_exchange *)arg)->sent = 0;
    return true;
}

static bool may_reach(void *arg, enum host_kind kind)
{
    const struct sender *sender = ((const struct git_exchange *)arg)->sender;
    return !sender || sender_may_reach(*sender, kind, false);
}

static int explain(const struct http_transfer *transfer, struct err *err)
{
    const char *reason = transfer->reason;
    switch (transfer->outcome) {
    case HTTP_NO_CONNECTION:
        return err_set(err, ERR_FAILED, "no connection: %s", reason);
    case HTTP_BAD_CERTIFICATE:
        return err_set(err, ERR_FAILED,
                       "the certificate of the server cannot be verified: %s: name its authority "
                       "with --ca-file, or trust it blindly with --insecure",
                       reason);
    case HTTP_NOT_TLS:
        return err_set(err, ERR_FAILED, "the server speaks plain http: write http://");
    case HTTP_NOT_HTTP:
        return err_set(err, ERR_FAILED, "the server does not answer in HTTP");
    case HTTP_FORBIDDEN:
        return err_set(err, ERR_FAILED,
                       "it redirects to %s, an address of a network that only its own machines "
                       "may name: name that address yourself",
                       transfer->peer);
    case HTTP_PROXY_REFUSED:
        return err_set(err, ERR_FAILED,
                       "the proxy opens no way to the server, and answers with %ld",
                       transfer->proxy_status);
    default:
        return err_set(err, ERR_FAILED, "the connection broke: %s", reason);
    }
}

static int wait_for(struct git_exchange_site *site, struct http_transfer *transfer, struct err *err)
{
    long seconds = site->options->stall_seconds;
    while (transfer->outcome == HTTP_RUNNING) {
        int rc = http_step(site->http, TURN_MS, err);
        if (!rc)
            rc = stop_check(err);
        if (!rc && transfer->outcome == HTTP_RUNNING &&
            clock_ms() - transfer->moved_at > seconds * 1000)
            rc = err_set(err, ERR_FAILED, "the server has sent nothing for %ld second%s", seconds,
                         seconds == 1 ? "" : "s");
        if (rc)
            return rc;
    }
    return 0;
}

static void fill(struct git_exchange *exchange, struct http_transfer *transfer)
{
    transfer->method = exchange->body ? "POST" : "GET";
    transfer->url = exchange->url;
    transfer->send_size = exchange->body ? (long long)exchange->body->len : 0;
    transfer->large = exchange->body != NULL;
    transfer->read = on_read;
    transfer->rewind = on_rewind;
    transfer->head = on_head;
    transfer->write = on_write;
    transfer->may_reach = may_reach;
    transfer->arg = exchange;
}

static void reset(struct git_exchange *exchange)
{
    git_exchange_release(exchange);
    exchange->status = 0;
    exchange->sent = exchange->dropped = 0;
    exchange->right_type = exchange->basic = false;
    exchange->err = (struct err)ERR_INIT;
}

int git_exchange_run(struct git_exchange_site *site, struct git_exchange *exchange, struct err *err)
{
    const char *headers[HEADERS_MAX] = {"Accept: */*", "Pragma: no-cache"};
    size_t n = 2;
    if (exchange->authorization)
        headers[n++] = exchange->authorization;
    if (exchange->body)
        headers[n++] = exchange->body_type;
    const char *host = strstr(exchange->url, "://") + 3;
    AUTO_FREE char *name = mem_dup_n(host, strcspn(host, "/"));
    const struct trust_site named = {name, !exchange->sender};
    struct trust trust AUTO(trust_release) = {0};
    struct http_transfer transfer = {.headers = headers, .trust = &trust};
    reset(exchange);
    int rc = trust_for(&site->options->trust, &site->trust, &named, &trust, err);
    if (rc)
        return rc;
    fill(exchange, &transfer);
    rc = http_start(site->http, &transfer, err);
    if (!rc)
        rc = wait_for(site, &transfer, err);
    http_stop(site->http, &transfer);
    if (!rc && exchange->err.code)
        return err_move(err, &exchange->err);
    exchange->reached = transfer.by_proxy ? host_kind(name) : transfer.reached;
    bool dropped = transfer.outcome == HTTP_CUT && exchange->dropped;
    if (!rc && transfer.outcome != HTTP_DONE && !dropped)
        rc = explain(&transfer, err);
    return rc;
}
