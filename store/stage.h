/* Images under construction; only files of this folder use this. */
#ifndef WASME_STORE_STAGE_H
#define WASME_STORE_STAGE_H

#include "store/layout.h"
#include "store/sync.h"

/*
 * An image under construction, in a folder of its own that exists only while the store's lock is
 * held. The parts of several images go to the disk at the same time: each file that is made is
 * added to `syncs`, for a sync that the caller owes before stage_place().
 */
struct stage {
    struct store *store;
    struct sync_list *syncs;
    size_t number; /* `of` of the jobs in `syncs` */
    int fd;        /* -1: none */
    char name[STORE_NAME_MAX];
    char old[STORE_NAME_MAX]; /* the folder of the image that was replaced, or ""; see below */
};

#define STAGE_INIT                                                                                 \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/* Makes the folder. */
int stage_begin(struct store *store, struct sync_list *syncs, size_t number, struct stage *out,
                struct err *err);
/* Removes the folder, unless it is in its place. */
void stage_end(struct stage *stage);

/* Makes a file of the image. */
int stage_write(struct stage *stage, const char *name, const void *data, size_t len,
                struct err *err);
/* Makes the files whose bytes are in memory. */
int stage_write_parts(struct stage *stage, const struct ref *ref, const struct store_parts *parts,
                      struct err *err);
/* Links a file of the image into the folder; copies it where the file system has no links. */
int stage_share(struct stage *stage, const struct store_image *image, const char *name,
                struct err *err);
/* Adds what users put beside the image that is to be replaced, and asks for the folder's sync: the
 * last step before the syncs. */
void stage_complete(struct stage *stage, const struct ref *ref);

/* Puts the folder in the place of the image. `old` is set when there was another image, which the
 * caller removes by stage_remove_old() when the store's folder has been synced. */
int stage_place(struct stage *stage, const struct ref *ref, struct err *err);
void stage_remove_old(struct stage *stage);

#endif
