#include "http/trust.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "http/certs.h"

static const char *const folders[] = {"/etc/ssl/certs", "/etc/pki/tls/certs"};
static const char *const bundles[] = {"/etc/ssl/certs/ca-certificates.crt",
                                      "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                                      "/etc/ssl/cert.pem"};

/* The form "002c0b4f.0": the hash of a subject, and a number. */
static bool is_hashed_link(const char *name)
{
    return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' && name[9] >= '0' &&
           name[9] <= '9';
}

static bool has_hashed_link(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return false;
    bool found = false;
    for (struct dirent *entry = readdir(dir); entry && !found; entry = readdir(dir))
        found = is_hashed_link(entry->d_name);
    closedir(dir);
    return found;
}

/* Reads all files of a folder without hashed links, as Go does. A file that cannot be read is left
 * out. */
static void read_folder(const char *folder, struct buf *out)
{
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        struct buf one AUTO(buf_release) = BUF_INIT(TRUST_BUNDLE_MAX);
        AUTO_FREE char *path = mem_printf("%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || file_read(AT_FDCWD, path, NULL, &one, ERR_IGNORED) != 0)
            continue;
        buf_add(out, one.data, one.len);
        buf_add_char(out, '\n');
    }
    if (dir)
        closedir(dir);
}

/* SSL_CERT_DIR is a list of folders, separated by colons. */
static int take_system_folders(const char *list, struct trust *out, struct err *err)
{
    bool hashed = true;
    for (const char *at = list; *at; at += strcspn(at, ":"), at += *at == ':') {
        AUTO_FREE char *folder = mem_dup_n(at, strcspn(at, ":"));
        hashed = hashed && (access(folder, R_OK) != 0 || has_hashed_link(folder));
    }
    out->narrow = true;
    if (hashed) {
        out->folder = list; /* OpenSSL takes such a list */
        return 0;
    }
    for (const char *at = list; *at; at += strcspn(at, ":"), at += *at == ':') {
        AUTO_FREE char *folder = mem_dup_n(at, strcspn(at, ":"));
        if (*folder)
            read_folder(folder, &out->bundle);
    }
    return buf_overflowed(&out->bundle)
               ? err_set(err, ERR_FAILED, "%s: more than %d bytes", list, TRUST_BUNDLE_MAX)
               : 0;
}

/* libcurl takes one bundle only, so the system's is added to it: the first bundle that exists. */
static void add_system_bundle(struct buf *out)
{
    size_t before = out->len;
    for (size_t i = 0; i < COUNT(bundles) && out->len == before; i++)
        (void)file_read(AT_FDCWD, bundles[i], NULL, out, ERR_IGNORED);
    buf_add_char(out, '\n');
}

static int find_system(const struct trust_sources *sources, struct trust *out, struct err *err)
{
    int rc = 0;
    if (sources->system_folder)
        rc = take_system_folders(sources->system_folder, out, err);
    for (size_t i = 0; i < COUNT(folders) && !sources->system_folder && !out->folder; i++)
        if (has_hashed_link(folders[i]))
            out->folder = folders[i];
    if (!rc && sources->system_file) {
        rc = file_read(AT_FDCWD, sources->system_file, NULL, &out->bundle, err);
        if (!rc)
            rc = certs_check(&out->bundle, 0, sources->system_file, err);
        buf_add_char(&out->bundle, '\n');
    }
    return rc;
}

int trust_find(const struct trust_sources *sources, struct trust *out, struct err *err)
{
    struct trust trust AUTO(trust_release) = {.bundle = BUF_INIT(TRUST_BUNDLE_MAX)};
    int rc = find_system(sources, &trust, err);
    if (!rc && sources->ca_file) {
        if (!trust.folder && !trust.narrow && !trust.bundle.len)
            add_system_bundle(&trust.bundle);
        size_t before = trust.bundle.len;
        rc = file_read_named(sources->ca_file, &trust.bundle, err);
        if (!rc)
            rc = certs_check(&trust.bundle, before, sources->ca_file, err);
    }
    if (rc)
        return err_wrap(err, "certificates to trust");
    *out = trust;
    trust = (struct trust){0};
    return 0;
}

int trust_for(const struct trust_sources *sources, const struct trust *all,
              const struct trust_site *site, struct trust *out, struct err *err)
{
    struct trust trust AUTO(trust_release) = {
        .folder = all->folder, .narrow = all->narrow, .bundle = BUF_INIT(TRUST_BUNDLE_MAX)};
    struct certs own AUTO(certs_release) = {.authorities = BUF_INIT(TRUST_BUNDLE_MAX)};
    int rc = certs_find(sources->certs_d, site->host, &own, err);
    if (rc)
        return err_wrap(err, "certificates for %s", site->host);
    if (site->named) {
        trust.certificate = STEAL(own.certificate);
        trust.key = STEAL(own.key);
    }
    buf_add(&trust.bundle, all->bundle.data, all->bundle.len);
    if (own.authorities.len && !trust.folder && !trust.narrow && !trust.bundle.len)
        add_system_bundle(&trust.bundle);
    buf_add(&trust.bundle, own.authorities.data, own.authorities.len);
    if (buf_overflowed(&trust.bundle))
        return err_set(err, ERR_FAILED, "certificates for %s: more than %d bytes", site->host,
                       TRUST_BUNDLE_MAX);
    *out = trust;
    trust = (struct trust){0};
    return 0;
}

void trust_release(struct trust *trust)
{
    buf_release(&trust->bundle);
    free(trust->certificate);
    free(trust->key);
    *trust = (struct trust){0};
}
