/* Work that takes long: files are read or synced, the store changes. */
#ifndef WASME_STORE_DISTRIBUTION_DEFER_H
#define WASME_STORE_DISTRIBUTION_DEFER_H

#include "store/distribution/state.h"

/* Has `work` make the reply to the call, in a thread of the server. `arg` is handed over:
 * `free_arg` (or NULL) is its last use. A failure of `work` goes to dist_fail(). */
int dist_defer(const struct dist_call *call,
               int (*work)(struct dist_call *call, void *arg, struct err *err),
               void (*free_arg)(void *arg), void *arg);
/* Makes the reply of a failure: 500, or 507 for ERR_FULL. Tells options.notice of it; returns 0. */
int dist_fail(struct dist_call *call, struct err *err);

#endif
