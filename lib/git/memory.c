#include "git/memory.h"

#include <stdlib.h>
#include <string.h>

#include "git/limits.h"

/* The largest file, and the bytes that libgit2 adds. */
#define ALLOCATION_MAX ((size_t)GIT_FILE_BYTES + 4096)

static bool refused;

static void *resize(void *memory, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    if (size <= ALLOCATION_MAX)
        return realloc(memory, size ? size : 1);
    refused = true;
    return NULL;
}

static void *allocate(size_t size, const char *file, int line)
{
    return resize(NULL, size, file, line);
}

/* Before version 1.7, libgit2 wants more functions; since 1.9, its header has another macro. */
#if defined(LIBGIT2_VER_MINOR) && LIBGIT2_VER_MINOR < 7
static void *resize_array(void *memory, size_t count, size_t size, const char *file, int line)
{
    size_t all = 0;
    return resize(memory, __builtin_mul_overflow(count, size, &all) ? SIZE_MAX : all, file, line);
}

static void *allocate_array(size_t count, size_t size, const char *file, int line)
{
    return resize_array(NULL, count, size, file, line);
}

static void *allocate_zeros(size_t count, size_t size, const char *file, int line)
{
    void *memory = allocate_array(count, size, file, line);
    return memory ? memset(memory, 0, count * size) : NULL;
}

static char *copy(const char *text, size_t len, const char *file, int line)
{
    char *to = allocate(len + 1, file, line);
    if (!to)
        return NULL;
    to[len] = '\0';
    return memcpy(to, text, len);
}

static char *copy_text(const char *text, const char *file, int line)
{
    return copy(text, strlen(text), file, line);
}

static char *copy_start(const char *text, size_t max, const char *file, int line)
{
    return copy(text, strnlen(text, max), file, line);
}

#define MORE                                                                                       \
    .gcalloc = allocate_zeros, .gmallocarray = allocate_array, .greallocarray = resize_array,      \
    .gstrdup = copy_text, .gstrndup = copy_start, .gsubstrdup = copy,
#else
#define MORE
#endif

git_allocator *memory_allocator(void)
{
    static git_allocator allocator = {.gmalloc = allocate, .grealloc = resize, .gfree = free, MORE};
    return &allocator;
}

bool memory_refused(void)
{
    bool before = refused;
    refused = false;
    return before;
}
