#include "registry/seen.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/private_file.h"

static const char magic[8] = "wasmeB1\n";

enum { FILE_MAX = sizeof(magic) + SEEN_MAX * sizeof(uint64_t) };

/* FNV-1a, whose bits the last steps mix. */
static uint64_t hash_of(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93;
    return hash ^ hash >> 32;
}

static struct private_file file_of(const struct seen *seen)
{
    return (struct private_file){.dir = seen->dir, .name = "blobs"};
}

uint64_t *seen_parse(const void *data, size_t len, size_t *count)
{
    *count = 0;
    if (len <= sizeof(magic) || len > FILE_MAX || memcmp(data, magic, sizeof(magic)) != 0 ||
        (len - sizeof(magic)) % sizeof(uint64_t))
        return NULL;
    uint64_t *items = mem_alloc(len - sizeof(magic));
    memcpy(items, (const char *)data + sizeof(magic), len - sizeof(magic));
    *count = (len - sizeof(magic)) / sizeof(*items);
    return items;
}

static void load(struct seen *seen)
{
    struct private_file file = file_of(seen);
    struct buf text AUTO(buf_release) = BUF_INIT(FILE_MAX);
    free(seen->items);
    seen->items = NULL;
    seen->count = 0;
    seen->loaded = true;
    if (private_file_read(&file, &text))
        seen->items = seen_parse(text.data, text.len, &seen->count);
}

/* The place of the hash among the items; `count` when there is none. */
static size_t find(const uint64_t *items, size_t count, uint64_t hash)
{
    size_t at = 0;
    while (at < count && items[at] != hash)
        at++;
    return at;
}

bool seen_has(struct seen *seen, const char *name)
{
    uint64_t hash = hash_of(name);
    if (!seen->loaded)
        load(seen);
    return find(seen->items, seen->count, hash) < seen->count ||
           find(seen->added, seen->added_count, hash) < seen->added_count;
}

/* A hash in the older half of a full memory is added again, so that what is in use stays: then most
 * runs add nothing, and write nothing. */
void seen_add(struct seen *seen, const char *name)
{
    uint64_t hash = hash_of(name);
    if (!seen->dir)
        return;
    if (!seen->loaded)
        load(seen);
    size_t at = find(seen->items, seen->count, hash);
    bool old = seen->count > SEEN_MAX / 2 && at < seen->count - SEEN_MAX / 2;
    if ((at < seen->count && !old) ||
        find(seen->added, seen->added_count, hash) < seen->added_count)
        return;
    seen->added = mem_resize(seen->added, seen->added_count + 1, sizeof(*seen->added));
    seen->added[seen->added_count++] = hash;
}

static void save(struct seen *seen)
{
    struct private_file file = file_of(seen);
    struct buf out AUTO(buf_release) = BUF_INIT(FILE_MAX);
    load(seen);
    size_t added = seen->added_count < SEEN_MAX ? seen->added_count : SEEN_MAX;
    const uint64_t *newest = seen->added + (seen->added_count - added);
    size_t kept = 0;
    for (size_t i = 0; i < seen->count; i++)
        if (find(newest, added, seen->items[i]) == added)
            seen->items[kept++] = seen->items[i];
    size_t room = SEEN_MAX - added;
    size_t skip = kept > room ? kept - room : 0;
    buf_add(&out, magic, sizeof(magic));
    if (kept > skip)
        buf_add(&out, seen->items + skip, (kept - skip) * sizeof(*seen->items));
    buf_add(&out, newest, added * sizeof(*newest));
    (void)private_file_write(&file, out.data, out.len);
}

void seen_close(struct seen *seen)
{
    if (seen->added_count)
        save(seen);
    free(seen->items);
    free(seen->added);
    *seen = (struct seen){0};
}
