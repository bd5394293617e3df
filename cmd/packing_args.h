/* The options for the form of an image, which build, push, save and convert share. */
#ifndef WASME_CMD_PACKING_ARGS_H
#define WASME_CMD_PACKING_ARGS_H

#include "cmd/command.h"
#include "image/annotation.h"
#include "store/transit/packing.h"

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
             "stand for " ANNOTATION_PREDEFINED "KEY")
#define STORED_FORM "the form that is stored"

/* Checks the options. ERR_USAGE: an unknown form, or an annotation without KEY=VALUE. */
int packing_args_read(const struct packing_args *args, struct packing *out, struct err *err);
/* Adds an annotation, unless the user gave one with that key. */
void packing_args_add(struct packing *packing, const char *key, const char *value);

#endif
