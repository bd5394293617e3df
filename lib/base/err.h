/*
 * Errors: a code that a caller may branch on, and a message for the user that
 * is built outward, so that it names what was tried, on what, and why it failed.
 *
 * A function that can fail returns 0 or one of the codes, and takes a
 * `struct err *` as its last argument, which it fills only when it fails. That
 * argument is never NULL: a caller that does not care for the message passes
 * ERR_IGNORED. The message is lost then at once; a function that needs the words
 * itself, for a warning, say, keeps them in an error of its own.
 */
#ifndef WASME_BASE_ERR_H
#define WASME_BASE_ERR_H

#include <stdbool.h>

enum err_code {
    ERR_FAILED = -1,      /* anything that nobody branches on */
    ERR_USAGE = -2,       /* the command line is wrong: exit status 2 */
    ERR_NOT_FOUND = -3,   /* the named thing does not exist */
    ERR_UNSUPPORTED = -4, /* the system or the peer cannot do that */
    ERR_DAMAGED = -5,     /* what was read is not what it claims to be */
    ERR_TRANSIENT = -6,   /* the same call may succeed when made again */
    ERR_DENIED = -7,      /* the peer wants credentials, or other ones */
    ERR_INTERRUPTED = -8, /* the user asked to stop: exit status 130 */
    ERR_CLOSED = -9,      /* nobody reads standard output any more: a silent end */
    ERR_FULL = -10,       /* no room is left on the disk, or none that we may use */
};

struct err {
    int code;      /* 0 while nothing failed */
    char *message; /* owned; NULL while nothing failed */
    bool wordless; /* the message is dropped, so that there is nothing to release */
};

#define ERR_INIT                                                                                   \
    {                                                                                              \
        0, NULL, false                                                                             \
    }
/* A fresh error for one call whose message nobody reads; nobody releases it. */
#define ERR_IGNORED (&(struct err){.wordless = true})

/* Replaces what `err` holds; returns `code`. */
int err_set(struct err *err, int code, const char *format, ...)
    __attribute__((nonnull, format(printf, 3, 4)));
/* As err_set with ERR_FAILED (ERR_NOT_FOUND for ENOENT; ERR_FULL for ENOSPC, EDQUOT and EFBIG), and
 * ": " with errno's text behind it. */
int err_errno(struct err *err, const char *format, ...)
    __attribute__((nonnull, format(printf, 2, 3)));
/* Puts "<format>: " before the message that is there; returns the code that is there (ERR_FAILED
 * when nothing failed yet). */
int err_wrap(struct err *err, const char *format, ...)
    __attribute__((nonnull, format(printf, 2, 3)));
/* Hands code and message over to `to` in place of what that holds, and makes `from` as new; returns
 * the code, which is 0 when `from` holds no error. */
int err_move(struct err *to, struct err *from) __attribute__((nonnull));
/* The message, or "" while nothing failed. */
const char *err_text(const struct err *err) __attribute__((nonnull));
/* Frees the message and makes `err` as new; takes NULL; usable with AUTO(). */
void err_release(struct err *err);

#endif
