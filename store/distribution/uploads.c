#include "store/distribution/uploads.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/mem.h"
#include "store/distribution/spool.h"

struct uploads {
    const struct depot *depot;
    pthread_mutex_t mutex;
    struct upload *first;
    size_t count;
};

static bool is_id(const char *text)
{
    return strlen(text) == UPLOAD_ID_LEN && strspn(text, "0123456789abcdef") == UPLOAD_ID_LEN;
}

static void free_upload(struct upload *upload)
{
    mem_close_at(&upload->fd);
    hasher_free(upload->hasher);
    free(upload->path);
    free(upload);
}

static struct upload *add(struct uploads *uploads, const char *id, const struct stat *info)
{
    struct upload *upload = mem_zero(1, sizeof(*upload));
    memcpy(upload->id, id, sizeof(upload->id));
    upload->path = mem_printf("%s/uploads/%s", uploads->depot->dir, id);
    upload->fd = -1;
    upload->size = info->st_size;
    upload->used = info->st_mtime;
    upload->next = uploads->first;
    uploads->first = upload;
    uploads->count++;
    return upload;
}

/* Takes the upload out of the list, and frees it. */
static void drop(struct uploads *uploads, struct upload *upload)
{
    struct upload **at = &uploads->first;
    while (*at != upload)
        at = &(*at)->next;
    *at = upload->next;
    uploads->count--;
    free_upload(upload);
}

/* Removes the uploads that nobody goes on with. */
static void drop_old(struct uploads *uploads)
{
    int64_t now = time(NULL);
    struct upload *next;
    for (struct upload *upload = uploads->first; upload; upload = next) {
        next = upload->next;
        if (upload->busy || now - upload->used < UPLOAD_LIFE)
            continue;
        unlink(upload->path);
        drop(uploads, upload);
    }
}

struct uploads *uploads_new(const struct depot *depot)
{
    struct uploads *uploads = mem_zero(1, sizeof(*uploads));
    uploads->depot = depot;
    pthread_mutex_init(&uploads->mutex, NULL);
    AUTO_FREE char *path = mem_printf("%s/uploads", depot->dir);
    AUTO(dir_close_at) DIR *dir = dir_open(AT_FDCWD, path);
    const struct dirent *entry;
    struct stat info;
    while (dir && (entry = readdir(dir)))
        if (is_id(entry->d_name) &&
            fstatat(dirfd(dir), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(info.st_mode))
            add(uploads, entry->d_name, &info);
    drop_old(uploads);
    return uploads;
}

void uploads_free(struct uploads *uploads)
{
    if (!uploads)
        return;
    while (uploads->first)
        drop(uploads, uploads->first);
    pthread_mutex_destroy(&uploads->mutex);
    free(uploads);
}

/* The digits at the end of an ID, by which an upload belongs to its repository. */
static void mark_of(const char *repository, char out[9])
{
    char hex[MD5_HEX_LEN + 1];
    md5_hex(repository, hex);
    memcpy(out, hex, 8);
    out[8] = '\0';
}

static int open_new(const struct uploads *uploads, const char *id, struct err *err)
{
    AUTO_FREE char *path = mem_printf("%s/uploads/%s", uploads->depot->dir, id);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd >= 0)
        (void)flock(fd, LOCK_EX | LOCK_NB); /* nobody else knows the file yet */
    return fd < 0 ? err_errno(err, "create %s", path) : fd;
}

int uploads_begin(struct uploads *uploads, const char *repository, enum digest_algorithm algorithm,
                  struct upload **out, struct err *err)
{
    char id[UPLOAD_ID_LEN + 1];
    spool_random(id);
    mark_of(repository, id + 32);
    pthread_mutex_lock(&uploads->mutex);
    drop_old(uploads);
    int fd = uploads->count < UPLOADS_MAX
                 ? open_new(uploads, id, err)
                 : err_set(err, ERR_DENIED, "%d uploads are under way, the limit: try again later",
                           UPLOADS_MAX);
    if (fd >= 0) {
        struct upload *upload = add(uploads, id, &(struct stat){.st_mtime = time(NULL)});
        upload->fd = fd;
        upload->busy = true;
        upload->hasher = hasher_new_for(algorithm);
        upload->algorithm = algorithm;
        *out = upload;
    }
    pthread_mutex_unlock(&uploads->mutex);
    return fd < 0 ? fd : 0;
}

/* The upload of that ID, also one that was begun by the process before this one. */
static struct upload *find(struct uploads *uploads, const char *id)
{
    struct stat info;
    for (struct upload *upload = uploads->first; upload; upload = upload->next)
        if (strcmp(upload->id, id) == 0)
            return upload;
    AUTO_FREE char *path = mem_printf("%s/uploads/%s", uploads->depot->dir, id);
    bool there = lstat(path, &info) == 0 && S_ISREG(info.st_mode);
    return there ? add(uploads, id, &info) : NULL;
}

static int tell_busy(struct err *err)
{
    return err_set(err, ERR_TRANSIENT, "another request writes to the upload");
}

/* Opens the file at its end. A file that does not have the size that is known is hashed again. */
static int open_old(struct upload *upload, struct err *err)
{
    upload->fd = open(upload->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    off_t size = upload->fd < 0 ? -1 : lseek(upload->fd, 0, SEEK_END);
    if (size < 0 || flock(upload->fd, LOCK_EX | LOCK_NB) != 0) {
        int rc = errno == EWOULDBLOCK ? tell_busy(err) : err_errno(err, "open %s", upload->path);
        mem_close_at(&upload->fd);
        upload->fd = -1;
        return rc;
    }
    if (size != upload->size) {
        hasher_free(upload->hasher);
        upload->hasher = NULL;
        upload->size = size;
    }
    upload->busy = true;
    return 0;
}

int uploads_take(struct uploads *uploads, const char *repository, const char *id,
                 struct upload **out, struct err *err)
{
    char mark[9];
    mark_of(repository, mark);
    if (!is_id(id) || strcmp(id + UPLOAD_ID_LEN - 8, mark) != 0)
        return err_set(err, ERR_NOT_FOUND, "there is no such upload");
    pthread_mutex_lock(&uploads->mutex);
    struct upload *upload = find(uploads, id);
    int rc = 0;
    if (!upload)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such upload");
    else if (upload->busy)
        rc = tell_busy(err);
    else
        rc = open_old(upload, err);
    if (!rc)
        *out = upload;
    pthread_mutex_unlock(&uploads->mutex);
    return rc;
}

int uploads_add(struct upload *upload, const void *data, size_t len, struct err *err)
{
    int rc = file_write_all(upload->fd, data, len, upload->path, err);
    if (rc) {
        if (ftruncate(upload->fd, upload->size) != 0 || lseek(upload->fd, 0, SEEK_END) < 0)
            upload->size = -1; /* never the size of the file: the next request looks again */
        return rc;
    }
    if (upload->hasher)
        hasher_update(upload->hasher, data, len);
    upload->size += (long long)len;
    return 0;
}

void uploads_rest(struct uploads *uploads, struct upload *upload)
{
    pthread_mutex_lock(&uploads->mutex);
    mem_close_at(&upload->fd);
    upload->fd = -1;
    upload->busy = false;
    upload->used = time(NULL);
    pthread_mutex_unlock(&uploads->mutex);
}

void uploads_end(struct uploads *uploads, struct upload *upload)
{
    pthread_mutex_lock(&uploads->mutex);
    unlink(upload->path);
    drop(uploads, upload);
    pthread_mutex_unlock(&uploads->mutex);
}
