/* Which functions a function calls, found in its instructions without running them. */
#ifndef WASME_MODULE_REACH_H
#define WASME_MODULE_REACH_H

#include "module/module.h"

/* The most calls that the search for `must` keeps at a time; what is behind is "may". */
#define REACH_MAX_CALLS 1000000

/*
 * What happens when a function runs. The sets are by the index of a function; owned.
 *
 * `must`, `traps` and `endless` are about the instructions before the first branch, also in the
 * functions that are called there. An access to memory or an arithmetic instruction that traps is
 * not looked at: what follows counts as reached. A call of an import comes back, but for
 * proc_exit. */
struct module_reach {
    bool *may;     /* it calls the function, itself or by direct calls of others */
    bool *must;    /* it calls the function whenever it runs; a part of `may` */
    bool indirect; /* it may call through a table or a reference: `may` is not all of it then */
    bool traps;    /* it reaches `unreachable` whenever it runs */
    bool endless;  /* whenever it runs, calls follow each other without an end */
    bool constant; /* its body is one constant and the end ... */
    int64_t value; /* ... of this value (i32, i64) */
};
void module_reach_release(struct module_reach *reach); /* usable with AUTO() */

/* Reads the instructions from the descriptor that module_read() had. `func` may be an import, which
 * calls nothing. A file that has changed since is ERR_DAMAGED. */
int module_reach_find(int fd, const struct module *module, uint32_t func, struct module_reach *out,
                      struct err *err);

#endif
