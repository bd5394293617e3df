/* Making an image of the form that the user chose: what build, push and convert share. */
#ifndef WASME_CMD_PACKING_H
#define WASME_CMD_PACKING_H

#include "cmd/option.h"
#include "image/package.h"
#include "store/store.h"

struct packing_args {
    const char *format;
    struct option_list annotations;
};

/* The options, for a struct with a member `packing`; `otherwise_` is the form without --format. */
#define PACKING_OPTIONS(type, otherwise_)                                                          \
    OPT_TEXT(type, packing.format, 0, "format", "FORMAT", COMPLETE_NONE,                           \
             "make an image of the form FORMAT", .values = form_written,                           \
             .otherwise = (otherwise_)),                                                           \
        ANNOTATION_OPTION(type)
#define ANNOTATION_OPTION(type)                                                                    \
    OPT_LIST(type, packing.annotations, 0, "annotation", "KEY=VALUE", COMPLETE_NONE,               \
             "add an annotation to the manifest; source, revision, version, created and others "   \
             "stand for org.opencontainers.image.KEY")
#define STORED_FORM "the form that is stored"

/* What the options say, checked. */
struct packing {
    bool asked; /* for a form or an annotation: a kept manifest will not do as it is */
    bool form_given;
    struct package_options options;
    struct annotation *annotations; /* owned, as the texts in it */
    char **texts;
    size_t count;
};

/* ERR_USAGE: no such form, no KEY=VALUE. */
int packing_read(const struct packing_args *args, struct packing *out, struct err *err);
void packing_release(struct packing *packing); /* usable with AUTO() */

/* An image made. */
struct packed {
    struct package package;
    struct store_file *layer; /* owned; its layer, where that is not the wasm itself; else NULL */
    struct store_layer slot;
};

int packing_make(const struct packing *packing, struct store *store, const struct descriptor *wasm,
                 int wasm_fd, const char *runtime, size_t runtime_len, struct packed *out,
                 struct err *err);
/* What the store has to keep besides the four files, so that a push sends this image. */
void packed_keep(struct packed *packed, struct store_parts *parts);
void packed_release(struct packed *packed); /* usable with AUTO() */

#endif
