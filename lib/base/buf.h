/*
 * A byte buffer that grows up to a stated maximum. Additions past it are
 * dropped and remembered: look at buf_overflowed() once, when all is added.
 */
#ifndef WASME_BASE_BUF_H
#define WASME_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data; /* owned; NUL-terminated whenever it is not NULL; may hold NULs itself */
    size_t len; /* bytes without the final NUL */
    size_t cap;
    size_t max; /* the most bytes that `len` may reach */
    bool overflow;
};

/* `limit` bytes at the most; nothing is allocated before the first addition. */
#define BUF_INIT(limit)                                                                            \
    {                                                                                              \
        .max = (limit)                                                                             \
    }

void buf_init(struct buf *buf, size_t max);
void buf_release(struct buf *buf); /* usable with AUTO() */
/* The same for secrets: overwrites the memory first. Usable with AUTO(). */
void buf_wipe(struct buf *buf);
/* Allocates all of the maximum at once. A buffer that grows leaves copies of what it held behind in
 * freed memory: for secrets, this comes before the first addition. */
void buf_reserve(struct buf *buf);
/* Forgets the contents and the overflow, keeps the memory. */
void buf_clear(struct buf *buf);
void buf_add(struct buf *buf, const void *data, size_t len);
void buf_add_text(struct buf *buf, const char *text);
void buf_add_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool buf_overflowed(const struct buf *buf);
/* The contents as text, never NULL; borrowed, until the next addition. */
const char *buf_text(const struct buf *buf);
/* The contents, which the caller frees; the buffer is empty afterwards. Never NULL. */
char *buf_steal(struct buf *buf);

/* Adds names that a function gives by their number, until it gives NULL: "oci, compat or cncf". */
void buf_add_names(struct buf *buf, const char *(*name_at)(size_t at));

#endif
