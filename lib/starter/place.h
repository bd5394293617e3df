/* The folder in which init makes files: all of them or none, and none that exists. */
#ifndef WASME_STARTER_PLACE_H
#define WASME_STARTER_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct place {
    const char *dir; /* lent */
    bool keep;       /* all is well: what was made stays at the end */
    char *found;     /* the names that exist already: "a, b and others"; owned, or NULL */
    char **made;     /* the paths that were made, in this order; owned */
    size_t made_count;
};
/* Removes what was made, unless it is to stay; usable with AUTO(). */
void place_end(struct place *place);

/* The folder is there, or can be made: nothing else has its name. */
int place_check_folder(const struct place *place, struct err *err);
/* Remembers whether anything has the name of the file, or of a folder on the way to it; `name` is a
 * path below the folder. */
int place_check(struct place *place, const char *name, struct err *err);
/* ERR_FAILED lists the names that place_check() has found. */
int place_refuse_found(const struct place *place, struct err *err);

/* The next two ask stop_check(), and make the folders on the way. */
int place_create(struct place *place, const char *name, mode_t mode, int *fd, struct err *err);
int place_link(struct place *place, const char *name, const char *target, struct err *err);

#endif
