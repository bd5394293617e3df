/* A bound of the memory that libgit2 takes for one object. A pack of a few bytes can have an object
 * of any size, which libgit2 unpacks in memory. */
#ifndef WASME_GIT_MEMORY_H
#define WASME_GIT_MEMORY_H

#include <stdbool.h>

#include "git/libgit2.h"

/* Gives libgit2 no more at once than the largest file has. To be set before libgit2 is made ready;
 * static. */
git_allocator *memory_allocator(void);
/* Was memory refused since the last call? */
bool memory_refused(void);

#endif
