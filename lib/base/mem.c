#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *or_abort(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

void *mem_alloc(size_t size)
{
    return or_abort(malloc(size ? size : 1));
}

void *mem_zero(size_t count, size_t size)
{
    return or_abort(calloc(count ? count : 1, size ? size : 1));
}

void *mem_resize(void *array, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        abort();
    size_t total = count * size;
    return or_abort(realloc(array, total ? total : 1));
}

void *mem_grow(void *array, size_t count, size_t size)
{
    if ((count & (count - 1)) != 0) /* doubles at the powers of two */
        return array;
    return mem_resize(array, count ? 2 * count : 1, size);
}

char *mem_dup(const char *text)
{
    return mem_dup_n(text, strlen(text));
}

char *mem_dup_or_null(const char *text)
{
    return text ? mem_dup(text) : NULL;
}

bool mem_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

char *mem_dup_n(const char *text, size_t len)
{
    char *copy = mem_alloc(len + 1);
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *mem_printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = mem_vprintf(format, args);
    va_end(args);
    return text;
}

char *mem_vprintf(const char *format, va_list args)
{
    char *text = NULL;
    if (vasprintf(&text, format, args) < 0)
        abort();
    return text;
}

void mem_free_at(void *p)
{
    free(*(void **)p);
}

void mem_wipe(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

void mem_wipe_at(char **text)
{
    mem_wipe(*text);
}

bool mem_same_secret(const void *a, const void *b, size_t len)
{
    const unsigned char *one = a, *other = b;
    unsigned char differences = 0;
    for (size_t i = 0; i < len; i++)
        differences |= (unsigned char)(one[i] ^ other[i]);
    return !differences;
}

void mem_close_at(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
