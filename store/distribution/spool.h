/* Files on their way to a place in a registry's folder. */
#ifndef WASME_STORE_DISTRIBUTION_SPOOL_H
#define WASME_STORE_DISTRIBUTION_SPOOL_H

#include "store/distribution/depot.h"

#define SPOOL_PREFIX ".new-"

/* A file that is removed at the end, unless it was moved. */
struct spool {
    char *path; /* owned */
    int fd;     /* for reading and writing */
};

#define SPOOL_INIT                                                                                 \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

int spool_begin(const struct depot *depot, struct spool *out, struct err *err);
void spool_end(struct spool *spool); /* usable with AUTO() */
/* The path of a new file, which the caller frees. */
char *spool_name(const struct depot *depot);
/* 32 random hex digits and a NUL. */
void spool_random(char out[33]);
/* Removes the files that dead processes left. */
void spool_sweep(const struct depot *depot);

#endif
