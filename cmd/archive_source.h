/* An OCI layout archive as a source of images: see fetch.h. */
#ifndef WASME_CMD_ARCHIVE_SOURCE_H
#define WASME_CMD_ARCHIVE_SOURCE_H

#include "cmd/fetch.h"
#include "image/index.h"

struct archive_source {
    int fd;             /* a file, read from its start, several times; lent, as the next */
    const char *shown;  /* how errors name it */
    long long max_size; /* bytes of one blob, and a few more for the rest */
    struct image_index index;
};

/* Finds and reads index.json. */
int archive_source_open(int fd, const char *shown, long long max_size, struct archive_source *out,
                        struct err *err);
void archive_source_release(struct archive_source *source); /* usable with AUTO() */
/* The blobs of images whose references name a digest. */
struct fetch_source fetch_from_archive(struct archive_source *source);

#endif
