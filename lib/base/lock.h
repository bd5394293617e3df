/*
 * Locks between processes: flock(2) of a file that nobody else can open. A process that can open
 * the file for reading can hold the lock, and so keep the owner of the file waiting.
 */
#ifndef WASME_BASE_LOCK_H
#define WASME_BASE_LOCK_H

#include "base/err.h"
#include "base/notice.h"

#define LOCK_WAIT_SECONDS 60 /* the longest wait, unless the caller names another time */

/* How a wait for a lock is spent; all zero is fine. */
struct lock_wait {
    const struct notice *notice;     /* told once of a wait longer than a second; or NULL */
    const volatile int *interrupted; /* non-zero ends the wait with ERR_INTERRUPTED; or NULL */
    long seconds;                    /* the longest wait, then ERR_FAILED; 0: LOCK_WAIT_SECONDS */
};

/* The file that is locked; lent. */
struct lock_place {
    int dirfd;         /* its folder */
    const char *name;  /* in the folder: no path */
    const char *shown; /* the path for people */
};

/*
 * Makes the file when it is missing, and locks it: closing `*fd` unlocks. Those who may write to
 * the folder may open the file, and nobody else: its mode is 0600; when the group or others may
 * write to a folder without the sticky bit, they may read and write the file too. An older file of
 * ours gets that mode, and a file that root makes in the folder of another user belongs to that
 * user. The holder may remove the file before the close: a process that waits for the file then
 * takes a new one. The wait also ends when stop_check() says so. ERR_UNSUPPORTED: the file system
 * knows no locks.
 */
int lock_take(const struct lock_place *place, const struct lock_wait *wait, int *fd,
              struct err *err);

#endif
