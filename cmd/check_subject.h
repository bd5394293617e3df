/* The subject of `wasme check`: the image or file that the argument names. */
#ifndef WASME_CMD_CHECK_SUBJECT_H
#define WASME_CMD_CHECK_SUBJECT_H

#include "cmd/transfer.h"
#include "image/gateway.h"
#include "image/index.h"
#include "store/pack.h"

enum subject_kind { SUBJECT_REMOTE, SUBJECT_STORED, SUBJECT_FILE };

/* Where images are looked for; one for all subjects of a command. The command fills the first three
 * members, and the rest is opened when it is needed. */
struct subject_place {
    const struct transfer_args *args;
    const char *store;
    bool remote; /* not in the store, but for "store:REF" */
    struct transfer transfer;
    bool begun; /* the transfer can speak to registries */
};
void subject_place_release(struct subject_place *place); /* usable with AUTO() */

/* Owns its members, except those that are lent. */
struct subject {
    enum subject_kind kind;
    const char *text;            /* as the user wrote it; lent */
    struct ref ref;              /* empty for a file */
    struct subject_place *place; /* lent */

    struct registry_manifest raw; /* remote: the manifest or index that the reference names */
    bool has_index;
    struct image_index index;
    char *choice; /* which image of the index was chosen: "linux/amd64, 1 of 2" */
    bool empty;   /* the index has no image to choose */
    struct registry_manifest texts[INDEX_DEPTH_MAX + 1]; /* remote: the indexes and the manifest */
    struct gateway_step steps[INDEX_DEPTH_MAX + 1];      /* the same, for gateways; lent */
    size_t step_count;
    struct ref child;         /* remote: the image that was chosen from the index; else empty */
    struct manifest manifest; /* empty for a file, and for an index without an image to choose */
    struct digest digest;     /* of the manifest; of a file: its own */

    struct store_image image; /* stored */
    struct store_pack pack;

    int *layers; /* descriptors of the manifest's layers; -1: not asked for yet */
    int file;    /* the file that is checked; else -1 */
};

#define SUBJECT_INIT                                                                               \
    {                                                                                              \
        .image = STORE_IMAGE_INIT, .file = -1                                                      \
    }

/* What subject_open() takes the text for, in a place that is `remote`. */
enum subject_kind subject_kind_of(const char *text);
/* Opens the file of that name, else the image that REF names in the store ("store:REF": there
 * alone), else the image in a registry, whose manifest is then fetched. `subject` comes as
 * SUBJECT_INIT, and the caller releases it also after a failure. */
int subject_open(struct subject *subject, const char *text, struct subject_place *place,
                 struct err *err);
void subject_release(struct subject *subject); /* usable with AUTO() */
/* The reference as the user wrote it, without "store:". */
const char *subject_ref(const struct subject *subject);
/* gateway_image.open_layer, with the subject as its `arg`. A layer is fetched once; a layer of more
 * than GATEWAY_READ_MAX bytes is not fetched. */
int subject_open_layer(void *subject, const struct descriptor *layer, int *fd, struct err *err);
/* Makes a file without a name in the folder for temporary files. */
int subject_scratch(int *fd, struct err *err);

#endif
