/*
 * Memory: small allocations that abort when the system has none left, and the
 * cleanup attribute that releases a local when it goes out of scope.
 */
#ifndef WASME_BASE_MEM_H
#define WASME_BASE_MEM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Each returns memory that the caller frees with free(), and never NULL. */
void *mem_alloc(size_t size);
void *mem_zero(size_t count, size_t size);
/* `array` grows or shrinks to `count` items of `size` bytes; contents are kept. */
void *mem_resize(void *array, size_t count, size_t size);
/* Room for one more item in an array of `count`, which grows by this function alone. */
void *mem_grow(void *array, size_t count, size_t size);
char *mem_dup(const char *text);
/* The same, or NULL for NULL. */
char *mem_dup_or_null(const char *text);
/* Are the texts the same, or both NULL? */
bool mem_same_text(const char *a, const char *b);
/* The first `len` bytes of `text` and a final NUL. */
char *mem_dup_n(const char *text, size_t len);
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *mem_vprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* Frees the pointer that `p` points at: the argument of the cleanup attribute. */
void mem_free_at(void *p);
/* Overwrites a text that is a secret, and frees it; takes NULL. */
void mem_wipe(char *text);
void mem_wipe_at(char **text); /* the argument of the cleanup attribute */
/* Compares secrets: the time tells nothing of where they differ. */
bool mem_same_secret(const void *a, const void *b, size_t len);
/* Closes the descriptor that `fd` points at when it is not negative. */
void mem_close_at(int *fd);

/* On a local: releases it on every way out of its scope. */
#define AUTO(function) __attribute__((cleanup(function)))
#define AUTO_FREE AUTO(mem_free_at)
#define AUTO_CLOSE AUTO(mem_close_at)

/* The value of the pointer, which is then NULL: hands ownership on. */
#define STEAL(pointer)                                                                             \
    __extension__({                                                                                \
        __typeof__(pointer) stolen_ = (pointer);                                                   \
        (pointer) = NULL;                                                                          \
        stolen_;                                                                                   \
    })

/* The same for a descriptor, which is then -1. */
#define STEAL_FD(descriptor)                                                                       \
    __extension__({                                                                                \
        int stolen_fd_ = (descriptor);                                                             \
        (descriptor) = -1;                                                                         \
        stolen_fd_;                                                                                \
    })

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
