#include "http/certs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

enum { FILES_MAX = 1000 };

/* The files of a host in one folder. */
struct host_folder {
    char *path;
    struct dirent **items;
    int count;
};

static void host_folder_release(struct host_folder *folder)
{
    for (int i = 0; i < folder->count; i++)
        free(folder->items[i]);
    free(folder->items);
    free(folder->path);
}

void certs_release(struct certs *certs)
{
    buf_release(&certs->authorities);
    free(certs->certificate);
    free(certs->key);
    *certs = (struct certs){0};
}

/* The folder of a host; NULL when the host's name cannot be the name of a folder. */
static char *path_of(const char *folder, const char *host)
{
    bool plain = *host && *host != '.' && !strchr(host, '/');
    return plain ? mem_printf("%s/%s", folder, host) : NULL;
}

int certs_check(const struct buf *out, size_t before, const char *path, struct err *err)
{
    if (memmem(out->data + before, out->len - before, "-----BEGIN ", 11))
        return 0;
    return err_set(
        err, ERR_FAILED,
        "%s holds no certificate of the form PEM (`openssl x509 -inform der` makes one of "
        "the form DER)",
        path);
}

bool certs_exist(const char *const *folders, const char *host)
{
    for (; folders && *folders; folders++) {
        AUTO_FREE char *path = path_of(*folders, host);
        if (path && access(path, R_OK | X_OK) == 0)
            return true;
    }
    return false;
}

static bool ends_in(const char *name, const char *end)
{
    size_t len = strlen(name), tail = strlen(end);
    return len > tail && strcmp(name + len - tail, end) == 0;
}

static bool is_there(const struct host_folder *folder, const char *name)
{
    for (int i = 0; i < folder->count; i++)
        if (strcmp(folder->items[i]->d_name, name) == 0)
            return true;
    return false;
}

/* NAME.cert for NAME.key, and NAME.key for NAME.cert. */
static char *partner_of(const char *name)
{
    bool key = ends_in(name, ".key");
    return mem_printf("%.*s%s", (int)(strrchr(name, '.') - name), name, key ? ".cert" : ".key");
}

static int take_pair(const struct host_folder *folder, const char *name, struct certs *out,
                     struct err *err)
{
    AUTO_FREE char *partner = partner_of(name);
    bool is_key = ends_in(name, ".key");
    if (!is_there(folder, partner))
        return err_set(err, ERR_FAILED,
                       "%s/%s has no %s beside it: a client's certificate is two files of one "
                       "name, .cert and .key, and an authority's ends in .crt",
                       folder->path, name, partner);
    if (is_key || out->certificate)
        return 0;
    AUTO_FREE char *cert_path = mem_printf("%s/%s", folder->path, name);
    AUTO_FREE char *key_path = mem_printf("%s/%s", folder->path, partner);
    if (access(cert_path, R_OK) != 0 || access(key_path, R_OK) != 0)
        return 0; /* only root may read them, for a daemon */
    out->certificate = STEAL(cert_path);
    out->key = STEAL(key_path);
    return 0;
}

static int take_file(const struct host_folder *folder, const char *name, struct certs *out,
                     struct err *err)
{
    struct buf *authorities = &out->authorities;
    if (ends_in(name, ".cert") || ends_in(name, ".key"))
        return take_pair(folder, name, out, err);
    if (!ends_in(name, ".crt"))
        return 0;
    AUTO_FREE char *path = mem_printf("%s/%s", folder->path, name);
    buf_add_char(authorities, '\n');
    size_t before = authorities->len;
    int rc = file_read(AT_FDCWD, path, NULL, authorities, err);
    return rc ? rc : certs_check(authorities, before, path, err);
}

int certs_find(const char *const *folders, const char *host, struct certs *out, struct err *err)
{
    int rc = 0;
    for (; folders && *folders && !rc; folders++) {
        AUTO(host_folder_release) struct host_folder folder = {.path = path_of(*folders, host)};
        if (folder.path && access(folder.path, R_OK | X_OK) == 0)
            folder.count = scandir(folder.path, &folder.items, NULL, alphasort);
        if (folder.count < 0)
            folder.count = 0;
        if (folder.count > FILES_MAX)
            return err_set(err, ERR_FAILED, "%s has more than %d files", folder.path, FILES_MAX);
        for (int i = 0; i < folder.count && !rc; i++)
            rc = take_file(&folder, folder.items[i]->d_name, out, err);
    }
    return rc;
}
