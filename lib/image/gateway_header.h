/*
 * The headers of a tar as Go's archive/tar understands them (src/archive/tar/reader.go, strconv.go
 * and format.go; POSIX.1-2008, pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar
 * manual, "Basic Tar Format").
 */
#ifndef WASME_IMAGE_GATEWAY_HEADER_H
#define WASME_IMAGE_GATEWAY_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#define TAR_BLOCK 512

/* A header, after the ones that extend it. */
struct tar_header {
    char type;      /* as in the block: '0' a file, '5' a folder, 'x' a pax header, ... */
    char *name;     /* owned */
    long long size; /* as stated, of folders and links too */
    bool is_sparse; /* a sparse file of GNU tar, in one of its forms */
    bool extended;  /* of an old sparse file: more of its map follows in blocks of its own */
};
void tar_header_release(struct tar_header *header); /* usable with AUTO() */

/* The changes that extending headers have made to the next one. */
struct tar_changes {
    char *path;      /* owned; NULL: none */
    char *gnu_name;  /* owned; a long name of GNU tar, which counts more */
    char *real_name; /* owned; of a sparse file, which counts most */
    bool has_size;
    long long size;
    bool has_map; /* the file is sparse */
};
void tar_changes_release(struct tar_changes *changes); /* usable with AUTO() */

/* Whether all bytes of the block are 0. */
bool tar_block_is_zero(const unsigned char *block);
/* Whether the header is one that Go reads. */
bool tar_header_read(const unsigned char *block, struct tar_header *out);
/* Takes the records of a pax header in; whether Go reads them. */
bool tar_changes_read(const char *text, size_t len, struct tar_changes *changes);
/* Changes the header; whether Go reads the result. */
bool tar_header_change(struct tar_header *header, struct tar_changes *changes);
/* Whether an entry of that type has no bytes of its own, whatever size it states. */
bool tar_type_is_bare(char type);

#endif
