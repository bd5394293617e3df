#include "cmd/run/bootstrap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cmd/settings.h"
#include "deploy/envoy.h"

enum { BOOTSTRAP_MAX = 64 * 1024 * 1024, SOCKET_MODE = 0600, CERTIFICATES_MAX = 16 * 1024 * 1024 };

#define UPSTREAM "upstream" /* the cluster of the server behind the filters */

/* Parts that the description of Envoy borrows. */
struct parts {
    struct deployment *filters;
    struct deploy_host *clusters;
    char **texts; /* of the clusters: a name and a host each */
    size_t cluster_count;
    struct deploy_host upstream;
    char *upstream_host;
    char *ca_file;
};

static void parts_release(struct parts *parts)
{
    for (size_t i = 0; i < 2 * parts->cluster_count; i++)
        free(parts->texts[i]);
    free(parts->texts);
    free(parts->clusters);
    free(parts->filters);
    free(parts->upstream_host);
    free(parts->ca_file);
}

/* The text goes into JSON, and would arrive in the filter as another one. */
static int check_text(const struct chain_filter *filter, const char *what, const char *text,
                      struct err *err)
{
    if (!text || utf8_valid((const unsigned char *)text, strlen(text)))
        return 0;
    return err_set(err, ERR_FAILED,
                   "%s: its %s is no UTF-8, and Envoy's configuration holds nothing else: write "
                   "it in base64, say",
                   filter->name, what);
}

static int make_filters(const struct bootstrap_wish *wish, struct parts *parts, struct err *err)
{
    parts->filters = mem_zero(wish->chain->count, sizeof(*parts->filters));
    for (size_t i = 0; i < wish->chain->count; i++) {
        const struct chain_filter *filter = &wish->chain->items[i];
        parts->filters[i] = (struct deployment){
            .name = filter->name,
            .code = {.place = DEPLOY_FILE, .address = filter->module},
            .root_id = filter->root_id,
            .config = filter->config,
            .version = wish->version,
        };
        int rc = check_text(filter, "configuration", filter->config, err);
        if (!rc)
            rc = check_text(filter, "root id", filter->root_id, err);
        if (rc)
            return rc;
    }
    return 0;
}

/* "HOST:PORT" is a URL of http without its beginning. */
static int read_host(const char *text, struct deploy_host *out, char **owned, struct err *err)
{
    if (strstr(text, "://"))
        return envoy_server_of_url(text, out, owned, err);
    AUTO_FREE char *url = mem_printf("http://%s", text);
    return envoy_server_of_url(url, out, owned, err);
}

static int make_cluster(const char *text, struct parts *parts, struct err *err)
{
    size_t at = parts->cluster_count;
    size_t len = strcspn(text, "=");
    if (!len || text[len] != '=' || strpbrk(text, "/?#") == text + len + 1)
        return err_set(err, ERR_USAGE, "it is not written as NAME=HOST:PORT");
    char **texts = &parts->texts[2 * at];
    AUTO_FREE char *name = mem_dup_n(text, len);
    bool known = strcmp(name, UPSTREAM) == 0;
    for (size_t i = 0; i < at; i++)
        known |= strcmp(name, parts->clusters[i].name) == 0;
    if (known)
        return err_set(err, ERR_USAGE, "another cluster has the name \"%s\"", name);
    int rc = read_host(text + len + 1, &parts->clusters[at], &texts[1], err);
    if (rc)
        return rc;
    texts[0] = STEAL(name);
    parts->clusters[at].name = texts[0];
    parts->cluster_count++;
    return 0;
}

static int make_clusters(const struct bootstrap_wish *wish, struct parts *parts, struct err *err)
{
    size_t count = wish->clusters->count;
    parts->clusters = mem_zero(count + 1, sizeof(*parts->clusters));
    parts->texts = mem_zero(2 * (count + 1), sizeof(*parts->texts));
    for (size_t i = 0; i < count; i++) {
        int rc = make_cluster(wish->clusters->items[i], parts, err);
        if (rc)
            return err_wrap(err, "--cluster \"%.200s\"", wish->clusters->items[i]);
    }
    return 0;
}

static int make_upstream(const struct bootstrap_wish *wish, struct parts *parts, struct err *err)
{
    if (wish->to) {
        int rc = envoy_server_of_url(wish->to, &parts->upstream, &parts->upstream_host, err);
        if (rc)
            return err_wrap(err, "--to");
    } else {
        parts->upstream = (struct deploy_host){.host = "127.0.0.1", .port = wish->upstream_port};
    }
    parts->upstream.name = UPSTREAM;
    return 0;
}

/* --- Certificates --- */

/* Adds the certificates of this system: SSL_CERT_FILE, else the first bundle that is there. */
static void add_system_certificates(struct buf *out)
{
    const char *const files[] = {
        settings_variable("SSL_CERT_FILE"), "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};
    for (size_t i = 0; i < COUNT(files); i++)
        if (files[i] && file_read(AT_FDCWD, files[i], NULL, out, ERR_IGNORED) == 0)
            break;
    buf_add_char(out, '\n');
}

static int write_text(const struct buf *text, const char *path, struct err *err)
{
    AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(err, "make %s", path);
    return file_write_all(fd, buf_text(text), text->len, path, err);
}

/* Writes the certificates that count for TLS into a file of the run, where a container sees them,
 * too. */
static int make_certificates(const struct bootstrap_wish *wish, struct parts *parts,
                             struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(CERTIFICATES_MAX);
    bool needed = parts->upstream.tls;
    parts->ca_file = mem_printf("%s/ca.pem", wish->folder);
    parts->upstream.ca_file = parts->ca_file;
    parts->upstream.any_family = true;
    for (size_t i = 0; i < parts->cluster_count; i++) {
        needed |= parts->clusters[i].tls;
        parts->clusters[i].ca_file = parts->ca_file;
        parts->clusters[i].any_family = true;
    }
    if (!needed)
        return 0;
    add_system_certificates(&text);
    int rc = wish->ca_file ? file_read_named(wish->ca_file, &text, err) : 0;
    return rc ? err_wrap(err, "--ca-file") : write_text(&text, parts->ca_file, err);
}

static void put_admin(struct json_t *doc, const char *path)
{
    struct json_t *admin = deploy_object(doc, "admin");
    struct json_t *pipe = deploy_object(deploy_object(admin, "address"), "pipe");
    deploy_text(pipe, "path", path);
    json_put(pipe, "mode", json_of_int(SOCKET_MODE));
}

static int write_document(const struct json_t *doc, const char *path, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(BOOTSTRAP_MAX);
    json_dump(doc, &text);
    return write_text(&text, path, err);
}

int bootstrap_write(const struct bootstrap_wish *wish, const char *path, struct err *err)
{
    AUTO(parts_release) struct parts parts = {0};
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    int rc = make_filters(wish, &parts, err);
    if (!rc)
        rc = make_clusters(wish, &parts, err);
    if (!rc)
        rc = make_upstream(wish, &parts, err);
    if (!rc)
        rc = make_certificates(wish, &parts, err);
    const struct envoy_bootstrap wanted = {
        .filters = parts.filters,
        .filter_count = wish->chain->count,
        .version = wish->version,
        .address = "127.0.0.1",
        .port = wish->port,
        .upstream = &parts.upstream,
        .clusters = parts.clusters,
        .cluster_count = parts.cluster_count,
    };
    if (!rc)
        rc = envoy_bootstrap(&wanted, &doc, err);
    if (rc)
        return rc;
    put_admin(doc, wish->admin);
    return write_document(doc, path, err);
}
