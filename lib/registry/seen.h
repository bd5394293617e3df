/*
 * The blobs and images that earlier runs have seen in repositories, which a small file of the cache
 * folder remembers. The memory is a mere hint: a blob may have been removed since, and two names
 * may have the same 64-bit hash.
 *
 * The file "blobs": eight bytes that name the format, and then the hashes, each eight bytes,
 * the newest last.
 */
#ifndef WASME_REGISTRY_SEEN_H
#define WASME_REGISTRY_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEEN_MAX 4096 /* blobs and images; when there are more, the oldest are forgotten */

struct seen {
    const char *dir; /* lent; NULL: nothing is read or written */
    bool loaded;
    uint64_t *items; /* owned; the newest last */
    size_t count;
    uint64_t *added; /* owned; what this run has seen and the file did not have */
    size_t added_count;
};

/* Is it one that was seen: a blob, "host/repository@digest", or an image,
 * "host/repository:tag@digest"? */
bool seen_has(struct seen *seen, const char *name);
void seen_add(struct seen *seen, const char *name);
/* Writes the file, if the run has seen something new, together with what another process has
 * written meanwhile, and releases the memory. */
void seen_close(struct seen *seen);
/* Gives the hashes in the text of a file, which the caller frees; NULL: there are none, or the text
 * is not that of such a file. */
uint64_t *seen_parse(const void *data, size_t len, size_t *count);

#endif
