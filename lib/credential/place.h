/* The places where credentials are looked for, and the one function that reads such a place. */
#ifndef WASME_CREDENTIAL_PLACE_H
#define WASME_CREDENTIAL_PLACE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "credential/config.h"

/* A file, or a text in place of one, in one of the forms of form.h. */
struct credential_place {
    const char *name; /* of the file; beside a `text`, a name for people; NULL ends a list */
    const char *text; /* NULL: the file is read */
    bool optional;    /* the program found the place by itself, and the user did not name it: when
                         the place cannot be used, the user is warned once, and that is no error */
    char *problem;    /* set with that warning: the reason; the owner of the list frees it */
};

/* Adds the text of the place to `out`. ERR_NOT_FOUND: there is no such file. */
int credential_place_read(const struct credential_place *place, struct buf *out, struct err *err);
/* Reads the place, and in its text what credential_config_read() finds for the target. */
int credential_place_entry(const struct credential_place *place,
                           const struct credential_target *target, struct credential_entry *out,
                           struct err *err);

#endif
