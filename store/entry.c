#include "store/entry.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/visible.h"
#include "image/manifest.h"
#include "image/runtime_config.h"
#include "store/layout.h"

/* An image that is to be read; lent. */
struct entry {
    const struct store *store;
    const char *name; /* of its folder, unless it waits in another while it is replaced */
    bool whole;
};

/*
 * Reads a small file in one call, since a list reads two of them for each image; a read that comes
 * short has reached the end of the file. O_NONBLOCK: a FIFO in its place must not hang us.
 */
static int read_small(int dirfd, const char *name, struct buf *out, struct err *err)
{
    char chunk[4096];
    AUTO_CLOSE int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_errno(err, "open %s", name);
    ssize_t got = read(fd, chunk, sizeof(chunk));
    if (got < 0)
        return err_errno(err, "read %s", name);
    buf_add(out, chunk, (size_t)got);
    if (buf_overflowed(out))
        return err_set(err, ERR_DAMAGED, "%s: larger than %zu bytes", name, out->max);
    return (size_t)got < sizeof(chunk) ? 0 : file_read_fd(fd, name, out, err);
}

static int read_ref(int dirfd, char **out, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(REF_MAX);
    int rc = read_small(dirfd, STORE_REF, &text, err);
    if (rc)
        return rc;
    if (text.len == 0 || strlen(buf_text(&text)) != text.len)
        return err_set(err, ERR_DAMAGED, "%s is empty, or is no text", STORE_REF);
    *out = buf_steal(&text);
    return 0;
}

/* The folder's name is the MD5 of the reference: an image under another name cannot be found. */
static int check_name(const char *name, const char *ref, struct err *err)
{
    char expected[MD5_HEX_LEN + 1];
    md5_hex(ref, expected);
    if (strcmp(name, expected) == 0)
        return 0;
    return err_set(err, ERR_DAMAGED, "%s names another image, %.200s, whose folder is %s",
                   STORE_REF, ref, expected);
}

static int read_layer(int dirfd, struct descriptor *out, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(STORE_DESCRIPTOR_MAX);
    int rc = read_small(dirfd, STORE_DESCRIPTOR, &text, err);
    if (rc)
        return rc;
    rc = descriptor_parse(buf_text(&text), text.len, out, err);
    return rc ? err_wrap(err, "%s", STORE_DESCRIPTOR) : 0;
}

static int check_wasm(const struct stat *info, const struct descriptor *layer, struct err *err)
{
    if (!S_ISREG(info->st_mode))
        return err_set(err, ERR_DAMAGED, "%s is not a file", STORE_WASM);
    if (info->st_size != layer->size)
        return err_set(err, ERR_DAMAGED, "%s has %lld bytes, but %s says %lld", STORE_WASM,
                       (long long)info->st_size, STORE_DESCRIPTOR, layer->size);
    return 0;
}

/* Reads what a list shows; of the other files it only sees that they are there. */
static int read_outline(const char *name, struct store_image *image, struct err *err)
{
    struct stat info;
    if (fstat(image->dirfd, &info) != 0)
        return err_errno(err, "stat");
    image->updated = info.st_mtime;
    int rc = read_ref(image->dirfd, &image->ref, err);
    if (!rc)
        rc = check_name(name, image->ref, err);
    if (!rc)
        rc = read_layer(image->dirfd, &image->layer, err);
    if (!rc && fstatat(image->dirfd, STORE_WASM, &info, 0) != 0)
        rc = err_errno(err, "%s", STORE_WASM);
    if (!rc)
        rc = check_wasm(&info, &image->layer, err);
    if (!rc && faccessat(image->dirfd, STORE_CONFIG, F_OK, 0) != 0)
        rc = err_errno(err, "%s", STORE_CONFIG);
    return rc;
}

static int read_optional(int dirfd, const char *name, struct buf *out, struct err *err)
{
    int rc = read_small(dirfd, name, out, err);
    if (rc != ERR_NOT_FOUND)
        return rc;
    err_release(err);
    return 0;
}

static int read_rest(struct store_image *image, struct err *err)
{
    struct stat info;
    image->wasm = openat(image->dirfd, STORE_WASM, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (image->wasm < 0 || fstat(image->wasm, &info) != 0)
        return err_errno(err, "%s", STORE_WASM);
    int rc = check_wasm(&info, &image->layer, err);
    if (!rc)
        rc = read_small(image->dirfd, STORE_CONFIG, &image->runtime_config, err);
    if (!rc)
        rc = read_optional(image->dirfd, STORE_MANIFEST, &image->manifest, err);
    if (!rc)
        rc = read_optional(image->dirfd, STORE_CONFIG_BLOB, &image->config_blob, err);
    if (!rc)
        rc = read_optional(image->dirfd, STORE_FORM, &image->form, err);
    return rc;
}

/* Whether the name leads to another folder now than the one that we read (-1: we found none). */
static bool was_replaced(const struct store *store, const char *name, int dirfd)
{
    struct stat ours, there;
    if (dirfd < 0)
        return fstatat(store->fd, name, &there, 0) == 0;
    if (fstat(dirfd, &ours) != 0)
        return false;
    if (fstatat(store->fd, name, &there, 0) != 0)
        return errno == ENOENT;
    return ours.st_ino != there.st_ino || ours.st_dev != there.st_dev;
}

/* Adds the command that removes the folder; `wasme rm` needs a folder that still says its
 * reference. */
static void add_removal(struct buf *out, const struct store *store, const char *name,
                        const char *ref)
{
    AUTO_FREE char *dir = mem_printf("%s/%s", store->dir, name);
    char expected[MD5_HEX_LEN + 1] = "";
    if (ref)
        md5_hex(ref, expected);
    bool known = strcmp(name, expected) == 0;
    buf_add_text(out, known ? "wasme rm --store " : "rm -r ");
    visible_quote(out, known ? store->dir : dir);
    if (known)
        buf_add_char(out, ' ');
    if (known)
        visible_quote(out, ref);
}

/* A file that is missing or wrong is damage; a file that we may not read is not. */
static int blame(const struct store *store, const char *name, const char *ref, int rc,
                 struct err *err)
{
    AUTO(buf_release) struct buf removal = BUF_INIT(2 * PATH_MAX);
    if (rc != ERR_DAMAGED && rc != ERR_NOT_FOUND)
        return err_wrap(err, "%s/%s", store->dir, name);
    add_removal(&removal, store, name, ref);
    return err_set(err, ERR_DAMAGED,
                   "%s/%s is damaged: %s: build or pull the image again, or remove it: `%s`",
                   store->dir, name, err_text(err), buf_text(&removal));
}

/* Reads the image from its folder, or from the one that it waits in while it is replaced. */
static int read_folder(const struct entry *entry, const char *folder, struct store_image *image,
                       struct err *err)
{
    buf_init(&image->runtime_config, RUNTIME_CONFIG_MAX);
    buf_init(&image->manifest, MANIFEST_MAX);
    buf_init(&image->config_blob, MANIFEST_MAX);
    buf_init(&image->form, STORE_DESCRIPTOR_MAX);
    image->dirfd = openat(entry->store->fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (image->dirfd < 0)
        return err_errno(err, "open");
    image->dir = mem_printf("%s/%s", entry->store->dir, folder);
    int rc = read_outline(entry->name, image, err);
    return rc || !entry->whole ? rc : read_rest(image, err);
}

static int read_old(const struct entry *entry, struct store_image *out)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    char old[STORE_NAME_MAX];
    snprintf(old, sizeof(old), "%s%s", STORE_OLD_PREFIX, entry->name);
    int rc = read_folder(entry, old, &image, ERR_IGNORED);
    if (rc)
        return rc;
    *out = image;
    image = (struct store_image)STORE_IMAGE_INIT;
    return 0;
}

int entry_read(const struct store *store, const char *name, bool whole, struct store_image *out,
               struct err *err)
{
    const struct entry entry = {store, name, whole};
    for (;;) {
        AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
        int rc = read_folder(&entry, name, &image, err);
        if (!rc) {
            *out = image;
            image = (struct store_image)STORE_IMAGE_INIT;
            return 0;
        }
        if (read_old(&entry, out) == 0) {
            err_release(err);
            return 0;
        }
        if ((image.dirfd >= 0 || rc == ERR_NOT_FOUND) && was_replaced(store, name, image.dirfd))
            continue;
        return image.dirfd < 0 ? rc : blame(store, name, image.ref, rc, err);
    }
}

struct filter store_image_filter(const struct store_image *image)
{
    return (struct filter){&image->layer, image->wasm, buf_text(&image->runtime_config),
                           image->runtime_config.len};
}

void store_image_release(struct store_image *image)
{
    free(image->ref);
    free(image->dir);
    descriptor_release(&image->layer);
    mem_close_at(&image->dirfd);
    mem_close_at(&image->wasm);
    buf_release(&image->runtime_config);
    buf_release(&image->manifest);
    buf_release(&image->config_blob);
    buf_release(&image->form);
    *image = (struct store_image)STORE_IMAGE_INIT;
}

/* A layer: "sha256-" and its hex digits. */
static bool is_layer_name(const char *name)
{
    size_t prefix = strlen(STORE_BLOB_PREFIX);
    return strncmp(name, STORE_BLOB_PREFIX, prefix) == 0 &&
           strlen(name + prefix) == DIGEST_HEX_LEN &&
           strspn(name + prefix, "0123456789abcdef") == DIGEST_HEX_LEN;
}

bool store_is_part(const char *name)
{
    static const char *const names[] = {STORE_REF,      STORE_DESCRIPTOR,  STORE_CONFIG, STORE_WASM,
                                        STORE_MANIFEST, STORE_CONFIG_BLOB, STORE_FORM};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return is_layer_name(name);
}

static int open_part(const struct store_image *image, const char *name)
{
    if (strcmp(name, STORE_WASM) == 0)
        return fcntl(image->wasm, F_DUPFD_CLOEXEC, 0);
    return openat(image->dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

int store_open_part(const struct store_image *image, const char *name, int *fd, struct err *err)
{
    int opened = store_is_part(name) ? open_part(image, name) : -1;
    if (opened < 0 && (!store_is_part(name) || errno == ENOENT))
        return err_set(err, ERR_NOT_FOUND, "%s has no file %.80s", image->dir, name);
    if (opened < 0)
        return err_errno(err, "open %s/%s", image->dir, name);
    struct stat info;
    if (fstat(opened, &info) != 0 || !S_ISREG(info.st_mode)) {
        close(opened);
        return err_set(err, ERR_DAMAGED, "%s/%s is not a file", image->dir, name);
    }
    *fd = opened;
    return 0;
}
