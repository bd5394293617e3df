/* What the parts of wasme check share: the thing in question, and the answers about it. */
#ifndef WASME_CMD_CHECK_H
#define WASME_CMD_CHECK_H

#include "cmd/transfer.h"
#include "image/gateway.h"
#include "module/proxy.h"
#include "store/pack.h"

enum subject_kind { SUBJECT_REMOTE, SUBJECT_STORED, SUBJECT_FILE };

/* What the argument names. Its own, but for `text`. */
struct subject {
    enum subject_kind kind;
    const char *text; /* as the user wrote it; lent */
    struct ref ref;   /* but of a file */
    struct transfer transfer;

    struct registry_manifest raw; /* remote: of what the reference names */
    bool has_index;
    struct image_index index;
    char *choice;             /* which image of the index is taken: "linux/amd64, 1 of 2" */
    bool empty;               /* the index has no image that could be taken */
    struct ref child;         /* remote: the image of the index; else empty */
    struct manifest manifest; /* but of a file, and of an index that is empty */
    struct digest digest;     /* of the manifest; of a file: its own */

    struct store_image image; /* stored */
    struct store_pack pack;

    int *layers; /* descriptors of the manifest's layers; -1: not asked for yet */
    int file;    /* of a file; else -1 */
};

#define SUBJECT_INIT                                                                               \
    {                                                                                              \
        .image = STORE_IMAGE_INIT, .file = -1                                                      \
    }

/* A file of that name, else "store:REF", else the reference of an image in a registry, whose
 * manifest is fetched. `subject` as initialised; to be released also when this fails. */
int subject_open(struct subject *subject, const char *text, const struct transfer_args *args,
                 const char *store, struct err *err);
void subject_release(struct subject *subject); /* usable with AUTO() */
/* gateway_image.open_layer with the subject as its `arg`. Each layer is fetched once, at most
 * GATEWAY_READ_MAX bytes of it: of a larger one nothing. */
int subject_open_layer(void *subject, const struct descriptor *layer, int *fd, struct err *err);
/* A new file without a name, in the folder for such. */
int subject_scratch(int *fd, struct err *err);

/* What a pull would take out of the image; looked for once. */
struct pullable {
    bool done;
    char *nothing;    /* owned: why there is nothing; NULL: there is a wasm */
    struct err fault; /* why the wasm is no module ("a component"), or nothing set */
};
void pullable_release(struct pullable *pullable); /* usable with AUTO() */
int pullable_find(struct subject *subject, struct pullable *out, struct err *err);

enum answer_state { ANSWER_LOADS, ANSWER_REFUSES, ANSWER_UNKNOWN };

/* What one gateway does with it. Texts are owned, and may hold what a peer said. */
struct answer {
    enum gateway gateway;
    enum answer_state state;
    char *picks;          /* when it loads: what it takes */
    const char *abi;      /* when it loads, and a proxy is to run it; else NULL */
    struct digest sha256; /* when it loads: for the field "sha256"; or "" */
    char *because;        /* when it does not, or is not known */
    char *next;           /* what to do about it; or NULL */
    char *note;           /* or NULL */
};
void answer_release(struct answer *answer);

/* Prints a line for each answer and the notes, each once. */
void answers_print(const struct subject *subject, const struct answer *answers, size_t count);
int answers_print_json(const struct subject *subject, const struct answer *answers, size_t count,
                       struct err *err);

#endif
