#include "registry/trust.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

static const char *const folders[] = {"/etc/ssl/certs", "/etc/pki/tls/certs"};
static const char *const bundles[] = {"/etc/ssl/certs/ca-certificates.crt",
                                      "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                                      "/etc/ssl/cert.pem"};

/* "002c0b4f.0": the hash of a subject, and a number. */
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

/* libcurl takes one bundle: ours is the system's first one that is there, then the file. */
static int join_bundles(const char *ca_file, struct buf *out, struct err *err)
{
    for (size_t i = 0; i < COUNT(bundles) && out->len == 0; i++)
        (void)file_read(AT_FDCWD, bundles[i], NULL, out, NULL);
    buf_add_char(out, '\n');
    return file_read_named(ca_file, out, err);
}

int trust_find(const char *ca_file, struct trust *out, struct err *err)
{
    struct trust trust = {.bundle = BUF_INIT(TRUST_BUNDLE_MAX)};
    for (size_t i = 0; i < COUNT(folders) && !trust.folder; i++)
        if (has_hashed_link(folders[i]))
            trust.folder = folders[i];
    if (ca_file) {
        int rc = trust.folder ? file_read_named(ca_file, &trust.bundle, err)
                              : join_bundles(ca_file, &trust.bundle, err);
        if (rc) {
            buf_release(&trust.bundle);
            return err_wrap(err, "certificates to trust");
        }
    }
    *out = trust;
    return 0;
}

void trust_release(struct trust *trust)
{
    buf_release(&trust->bundle);
}
