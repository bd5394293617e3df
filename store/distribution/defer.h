/* Work that takes long: files are read or synced, the store changes. */
#ifndef WASME_STORE_DISTRIBUTION_DEFER_H
#define WASME_STORE_DISTRIBUTION_DEFER_H

#include "store/distribution/state.h"

/* Has `run` make the reply to the call. `arg` is handed over: `release` (or NULL) is its last
 * use. A failure of `run` becomes 500, and options.notice is told. */
int dist_defer(const struct dist_call *call,
               int (*run)(struct dist_call *call, void *arg, struct err *err),
               void (*release)(void *arg), void *arg);

#endif
