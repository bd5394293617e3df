/* The wasm that a pull would take out of the subject of `wasme check`. */
#ifndef WASME_CMD_CHECK_PULL_H
#define WASME_CMD_CHECK_PULL_H

#include "cmd/check_subject.h"

struct pullable {
    bool done;        /* the image was looked into */
    char *nothing;    /* owned: why a pull would find no wasm; NULL: there is a wasm */
    struct err fault; /* why the wasm is no module ("a component"); not set: it is a module */
};
void pullable_release(struct pullable *pullable); /* usable with AUTO() */
/* Looks into the image, unless `out` says that this was done. */
int pullable_find(struct subject *subject, struct pullable *out, struct err *err);

#endif
