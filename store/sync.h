/* Files and folders that are synced side by side. */
#ifndef WASME_STORE_SYNC_H
#define WASME_STORE_SYNC_H

#include <stdbool.h>
#include <stddef.h>

/* A disk takes many syncs at the same time in hardly more time than one, as long as each thread
 * waits for its own. */
#define SYNC_THREADS 8

struct sync_job {
    int fd;
    bool owned;    /* closed by sync_release() */
    char name[96]; /* for errors */
    size_t of;     /* the caller's number of what the file is a part of */
    int number;    /* afterwards: errno of the sync that failed, or 0 */
};

struct sync_list {
    struct sync_job *jobs;
    size_t count;
};

/* Adds a file; with `owned`, the list closes the descriptor. */
void sync_add(struct sync_list *list, int fd, bool owned, const char *name, size_t of);
/* Syncs all files of the list; each job then has its own result. */
void sync_all(struct sync_list *list);
/* Closes the owned descriptors, and makes the list empty. Usable with AUTO(). */
void sync_release(struct sync_list *list);

#endif
