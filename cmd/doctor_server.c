/* wasme doctor SERVER: name, connection, TLS, /v2/. The request to /v2/ is made first, since only
 * libcurl knows whether a proxy is used; the report then tells the steps to it in their order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/doctor.h"
#include "http/probe_net.h"
#include "registry/host.h"

enum { CONNECT_MS = 5000, DAY = 86400, EXPIRES_SOON_DAYS = 14 };

struct look {
    struct report *report;
    const struct doctor *doctor;
    const struct host *host;
    struct probe_answer answer; /* to GET /v2/ */
    struct http_details details;
};

static void look_release(struct look *look)
{
    probe_answer_release(&look->answer);
    details_release(&look->details);
}

/* Reports the addresses of the name. */
static void check_name(struct look *look, struct probe_addresses *addresses)
{
    struct err why AUTO(err_release) = ERR_INIT;
    const char *port = look->host->http ? "80" : "443";
    if (probe_resolve(look->host->address, port, addresses, &why)) {
        AUTO_FREE char *detail = mem_printf("%s: %s", look->host->address, err_text(&why));
        if (look->details.proxy)
            report_ok(look->report, "name", "%s; the proxy looks it up", detail);
        else
            report_lack(
                look->report, "name", "the registry's address",
                "check its spelling, and the name servers in /etc/resolv.conf; behind a proxy, "
                "set https_proxy",
                detail);
        return;
    }
    struct buf list AUTO(buf_release) = BUF_INIT(4096);
    for (size_t i = 0; i < addresses->count; i++)
        buf_printf(&list, "%s%s (IPv%c)", i ? ", " : "", addresses->items[i].text,
                   addresses->items[i].v6 ? '6' : '4');
    report_ok(look->report, "name", "%s: %s", look->host->address, buf_text(&list));
}

/* Whether a connection to the registry was made, even if a later step failed. */
static bool is_connected(const struct look *look)
{
    return look->answer.status || look->answer.outcome == HTTP_DONE ||
           look->answer.outcome == HTTP_BAD_CERTIFICATE || look->answer.outcome == HTTP_NOT_TLS ||
           look->answer.outcome == HTTP_NOT_HTTP;
}

static void check_proxy(struct look *look)
{
    if (is_connected(look)) {
        report_ok(look->report, "connection", "by the proxy of %s", look->details.proxy);
        return;
    }
    AUTO_FREE char *detail =
        mem_printf("by the proxy of %s: %s", look->details.proxy, look->answer.reason);
    AUTO_FREE char *fix =
        mem_printf("check the proxy, or add the registry to no_proxy when it can be reached "
                   "without one");
    report_lack(look->report, "connection", "a connection", fix, detail);
}

static void check_connection(struct look *look, struct probe_addresses *addresses)
{
    if (report_skips(look->report, "connection"))
        return;
    if (look->details.proxy) {
        check_proxy(look);
        return;
    }
    probe_connect(addresses, CONNECT_MS, look->doctor->transfer->options.interrupted);
    struct buf good AUTO(buf_release) = BUF_INIT(4096);
    struct buf bad AUTO(buf_release) = BUF_INIT(4096);
    for (size_t i = 0; i < addresses->count; i++) {
        const struct probe_address *address = &addresses->items[i];
        struct buf *list = address->problem ? &bad : &good;
        buf_printf(list, "%s%s port %s%s%s", list->len ? ", " : "", address->text, addresses->port,
                   address->problem ? ": " : "", address->problem ? address->problem : "");
    }
    if (!good.len)
        report_lack(look->report, "connection", "a connection",
                    "check the port, that the registry runs, and the firewalls on the way",
                    buf_text(&bad));
    else if (bad.len && host_kind(look->host->address) != HOST_LOOPBACK)
        report_warning(look->report, "connection",
                       "mend the route to that address, or take it out of the name server",
                       "%s, but %s", buf_text(&good), buf_text(&bad));
    else
        report_ok(look->report, "connection", "%s", buf_text(&good));
}

static char *day_of(time_t when)
{
    char text[CLOCK_TEXT_MAX];
    return clock_format(when, text) ? mem_dup_n(text, strlen("2021-12-01")) : mem_dup("?");
}

static const char *known(const char *text)
{
    return text ? text : "an unknown authority";
}

/* Reports why the certificate was refused. `seen` comes from a second request, which did not verify
 * the certificate. */
static void explain_certificate(struct look *look, const struct http_details *seen)
{
    const char *reason = look->answer.reason;
    const char *ca_file = look->doctor->transfer->options.trust.ca_file;
    time_t now = time(NULL);
    if (seen->expires && seen->expires < now) {
        AUTO_FREE char *day = day_of(seen->expires);
        AUTO_FREE char *detail =
            mem_printf("the certificate expired on %s (issued by %s)", day, known(seen->issuer));
        report_lack(look->report, "tls", "a verified certificate",
                    "renew the registry's certificate; until then --insecure trusts it blindly",
                    detail);
    } else if (seen->begins > now) {
        AUTO_FREE char *day = day_of(seen->begins);
        AUTO_FREE char *detail = mem_printf("the certificate is valid from %s on", day);
        report_lack(look->report, "tls", "a verified certificate", "set this machine's clock",
                    detail);
    } else if (strstr(reason, "does not match") || strstr(reason, "subject name matches")) {
        AUTO_FREE char *detail =
            mem_printf("the certificate is for %s, not for %s",
                       seen->names ? seen->names : "other names", look->host->address);
        report_lack(
            look->report, "tls", "a verified certificate",
            "reach the registry by a name that its certificate has, or have one made for this "
            "name",
            detail);
    } else {
        AUTO_FREE char *detail =
            mem_printf("the certificate by %s is not trusted%s%s: %s", known(seen->issuer),
                       ca_file ? ", nor by " : "", ca_file ? ca_file : "", reason);
        report_lack(look->report, "tls", "a verified certificate",
                    "name the certificate of its authority with --ca-file FILE, put it into "
                    "~/.docker/certs.d/HOST:PORT/ca.crt, or trust it blindly with --insecure",
                    detail);
    }
}

static void tell_certificate(struct look *look)
{
    const struct http_details *details = &look->details;
    long days = details->expires ? (long)((details->expires - time(NULL)) / DAY) : 0;
    AUTO_FREE char *when = details->expires ? mem_printf(", for %ld more days", days) : mem_dup("");
    const char *protocol = details->tls ? details->tls : "TLS";
    if (look->doctor->transfer->options.insecure)
        report_warning(look->report, "tls",
                       "name the certificate of its authority with --ca-file FILE instead",
                       "%s, certificate by %s%s, not verified: --insecure", protocol,
                       known(details->issuer), when);
    else if (details->expires && days < EXPIRES_SOON_DAYS)
        report_warning(look->report, "tls", "renew the registry's certificate",
                       "%s, certificate by %s%s, verified", protocol, known(details->issuer), when);
    else
        report_ok(look->report, "tls", "%s, certificate by %s%s, verified", protocol,
                  known(details->issuer), when);
}

static void tell_plain(struct look *look)
{
    if (host_kind(look->host->address) == HOST_LOOPBACK)
        report_ok(look->report, "tls", "none: plain http on this machine");
    else
        report_warning(look->report, "tls", "leave out --plain-http where the registry has TLS",
                       "none: passwords can be read on the way");
}

static int check_tls(struct look *look, struct err *err)
{
    if (report_skips(look->report, "tls"))
        return 0;
    if (look->answer.outcome == HTTP_BAD_CERTIFICATE) {
        struct http_details seen AUTO(details_release) = {0};
        int rc = probe_certificate(look->doctor->transfer->registry, look->doctor->ref.registry,
                                   &seen, err);
        if (!rc)
            explain_certificate(look, &seen);
        return rc;
    }
    if (look->answer.outcome == HTTP_NOT_TLS) {
        AUTO_FREE char *detail = mem_printf("%s speaks plain http", look->host->address);
        report_lack(look->report, "tls", "TLS", "use --plain-http", detail);
    } else if (look->host->http) {
        tell_plain(look);
    } else if (look->answer.status || look->details.tls) {
        tell_certificate(look);
    } else {
        report_lack(look->report, "tls", "TLS",
                    "check that the port is for https, that the registry speaks TLS 1.2 or later, "
                    "and the file of --ca-file",
                    look->answer.reason[0] ? look->answer.reason : look->answer.words);
    }
    return 0;
}

static const char *fix_for_status(const struct look *look)
{
    const struct probe_answer *answer = &look->answer;
    if (answer->location && look->host->http && strncmp(answer->location, "https:", 6) == 0)
        return "leave out --plain-http";
    if (answer->status >= 300 && answer->status <= 399)
        return "name the host that the redirect leads to";
    if (answer->status == 429 || answer->status >= 500)
        return "try again later, or ask who runs the registry";
    if (answer->status == 403)
        return "ask who runs the registry, or a proxy before it, for access from here";
    return "check the host and the port: a registry answers 200 or 401 there";
}

static const char *fix_for_failure(const struct look *look)
{
    if (look->answer.outcome == HTTP_NOT_HTTP)
        return look->host->http ? "leave out --plain-http" : "check the port";
    return "try again, and look for a proxy or firewall on the way that cuts connections";
}

static void check_version(struct look *look)
{
    static const char needs[] = "an answer to /v2/";
    const struct probe_answer *answer = &look->answer;
    if (report_skips(look->report, "/v2/"))
        return;
    if (!answer->rc && (answer->status == 200 || answer->status == 401)) {
        report_ok(look->report, "/v2/", "status %d", answer->status);
    } else if (answer->status && answer->outcome != HTTP_NOT_HTTP) {
        AUTO_FREE char *detail = mem_printf(
            "%s%s%s", answer->words[0] ? answer->words : "the answer is not that of a registry",
            answer->location ? ", to " : "", answer->location ? answer->location : "");
        report_lack(look->report, "/v2/", needs, fix_for_status(look), detail);
    } else if (answer->outcome == HTTP_NOT_HTTP) {
        AUTO_FREE char *detail = mem_printf("%s does not speak %s", look->host->address,
                                            look->host->http ? "plain http" : "HTTP");
        report_lack(look->report, "/v2/", needs, fix_for_failure(look), detail);
    } else {
        report_lack(look->report, "/v2/", needs, fix_for_failure(look),
                    answer->reason[0] ? answer->reason : answer->words);
    }
}

int doctor_server(const struct doctor *doctor, struct err *err)
{
    struct registry *registry = doctor->transfer->registry;
    struct look look AUTO(look_release) = {
        .report = doctor->report,
        .doctor = doctor,
        .host = probe_host(registry, doctor->ref.registry),
    };
    struct probe_addresses addresses = {0};
    int rc = probe_version(registry, doctor->ref.registry, &look.details, &look.answer, err);
    if (rc)
        return rc;
    check_name(&look, &addresses);
    check_connection(&look, &addresses);
    rc = check_tls(&look, err);
    if (rc)
        return rc;
    check_version(&look);
    return doctor_access(doctor, &look.answer, err);
}
