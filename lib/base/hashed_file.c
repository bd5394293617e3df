#include "base/hashed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/thread.h"

/* Bytes after which the system is asked to begin with writing to disk: the final sync is short. */
enum { WRITE_OUT = 8 * 1024 * 1024 };

struct piece {
    char *data;
    size_t len; /* 0: nothing to hash, say that you are here */
};

struct hashed_file {
    int fd;
    off_t start; /* where writing to disk begins; -1: nobody waits for the disk */
    struct hasher *hasher;
    struct piece pieces[HASHED_FILE_PIECES];
    size_t next; /* the piece that is being filled */
    long long written;
    long long sent_out; /* what the system was asked to write to disk */
    bool threaded;
    bool failed; /* a piece could not be written, or not all of it: nothing more may follow */
    bool stop;
    pthread_t thread;
    sem_t free;    /* pieces that may be filled */
    sem_t filled;  /* pieces that wait to be hashed */
    sem_t drained; /* the thread has come to a piece of length 0 */
};

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0 && errno == EINTR)
        continue;
}

static void *hash_pieces(void *arg)
{
    struct hashed_file *file = arg;
    for (size_t at = 0;; at = (at + 1) % HASHED_FILE_PIECES) {
        struct piece *piece = &file->pieces[at];
        wait_for(&file->filled);
        if (file->stop)
            return NULL;
        if (piece->len)
            hasher_update(file->hasher, piece->data, piece->len);
        else
            sem_post(&file->drained);
        piece->len = 0;
        sem_post(&file->free);
    }
}

struct hashed_file *hashed_file_new(int fd, struct hasher *hasher)
{
    struct hashed_file *file = mem_zero(1, sizeof(*file));
    struct stat info;
    file->fd = fd;
    /* A file without a name is for this process alone, and nobody will sync it. */
    bool has_name = fstat(fd, &info) == 0 && info.st_nlink > 0;
    file->start = has_name ? lseek(fd, 0, SEEK_CUR) : -1;
    file->hasher = hasher;
    for (size_t i = 0; i < HASHED_FILE_PIECES; i++)
        file->pieces[i].data = mem_alloc(HASHED_FILE_PIECE);
    sem_init(&file->free, 0, HASHED_FILE_PIECES - 1); /* one is being filled */
    sem_init(&file->filled, 0, 0);
    sem_init(&file->drained, 0, 0);
    file->threaded = thread_begin(&file->thread, hash_pieces, file);
    return file;
}

/* Hands the piece on, and takes the next. */
static void pass_on(struct hashed_file *file)
{
    struct piece *piece = &file->pieces[file->next];
    if (!file->threaded) {
        if (piece->len)
            hasher_update(file->hasher, piece->data, piece->len);
        piece->len = 0;
        return;
    }
    sem_post(&file->filled);
    wait_for(&file->free);
    file->next = (file->next + 1) % HASHED_FILE_PIECES;
}

static int write_piece(struct hashed_file *file, struct err *err)
{
    const struct piece *piece = &file->pieces[file->next];
    if (file->failed)
        return err_set(err, ERR_FAILED, "an earlier part of it could not be written");
    int rc = file_write_all(file->fd, piece->data, piece->len, "its file", err);
    file->failed = rc != 0;
    if (rc)
        return rc;
    file->written += (long long)piece->len;
    if (file->start >= 0 && file->written - file->sent_out >= WRITE_OUT) {
        /* Only a hint: where it fails, the sync at the end takes longer. */
        (void)sync_file_range(file->fd, file->start + file->sent_out,
                              file->written - file->sent_out, SYNC_FILE_RANGE_WRITE);
        file->sent_out = file->written;
    }
    pass_on(file);
    return 0;
}

int hashed_file_add(struct hashed_file *file, const void *data, size_t len, struct err *err)
{
    const char *at = data;
    if (file->failed)
        return write_piece(file, err);
    while (len) {
        struct piece *piece = &file->pieces[file->next];
        if (piece->len == HASHED_FILE_PIECE) {
            int rc = write_piece(file, err);
            if (rc)
                return rc;
            continue;
        }
        size_t room = HASHED_FILE_PIECE - piece->len;
        size_t part = len < room ? len : room;
        memcpy(piece->data + piece->len, at, part);
        piece->len += part;
        at += part;
        len -= part;
    }
    return 0;
}

/* Waits until the thread has hashed all that it was given. */
static void drain(struct hashed_file *file)
{
    if (!file->threaded)
        return;
    pass_on(file); /* of length 0 */
    wait_for(&file->drained);
}

int hashed_file_flush(struct hashed_file *file, struct err *err)
{
    int rc = file->failed || file->pieces[file->next].len ? write_piece(file, err) : 0;
    if (!rc)
        drain(file);
    return rc;
}

long long hashed_file_written(const struct hashed_file *file)
{
    return file->written;
}

void hashed_file_free(struct hashed_file *file)
{
    if (!file)
        return;
    if (file->threaded) {
        file->pieces[file->next].len = 0;
        drain(file);
        file->stop = true;
        sem_post(&file->filled);
        pthread_join(file->thread, NULL);
    }
    for (size_t i = 0; i < HASHED_FILE_PIECES; i++)
        free(file->pieces[i].data);
    sem_destroy(&file->free);
    sem_destroy(&file->filled);
    sem_destroy(&file->drained);
    free(file);
}
