/* The symbolic links of a source. They are made when all files are there, so that no file is
 * written through one. A link that leads out of the source is left out, as a compiler would follow
 * it. */
#ifndef WASME_GIT_LINKS_H
#define WASME_GIT_LINKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/notice.h"

struct link_item {
    char *path; /* from the root of the source; owned */
    char *target;
};

struct links {
    struct link_item *items; /* owned */
    size_t count;
};

void links_add(struct links *links, const char *path, const char *target);
/* Makes them below the folder; one warning names a link that was left out. */
int links_make(const struct links *links, const char *root, const struct notice *notice,
               struct err *err);
/* Does the path, with all links on its way, stay below the folder? What does not exist stays. */
bool links_stay(int root, const char *path);
void links_release(struct links *links); /* usable with AUTO() */

#endif
