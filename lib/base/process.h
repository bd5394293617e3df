/* Child processes: started from an argument vector, never through a shell. */
#ifndef WASME_BASE_PROCESS_H
#define WASME_BASE_PROCESS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct process {
    const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH; no secrets here */
    const char *cwd;         /* NULL: the caller's */
    const char *const *env;  /* NULL-terminated "NAME=value", over the inherited ones; or NULL */
    bool output_to_stderr;   /* its standard output goes to our standard error: it is talk */
};

/*
 * Runs the program to its end; its output goes where ours goes. While it runs, SIGINT and SIGQUIT
 * are left to it, as by system(3). 0 when it could be started: `*status` is then its exit status
 * (128 + the signal's number when a signal ended it). ERR_NOT_FOUND: no such program in PATH.
 */
int process_run(const struct process *process, int *status, struct err *err);
/* The same, but its standard output is appended to `out`, up to out->max bytes (the rest is read
 * and dropped), and its standard input is empty. */
int process_capture(const struct process *process, struct buf *out, int *status, struct err *err);
/*
 * The same, but `input` is its standard input, by a pipe: the way for a secret, which others could
 * see among the arguments. A child may end without having read all of it; one that writes more than
 * out->max is cut off (see buf_overflowed). Where the output is a
 * secret too, `out` wants buf_reserve() before and buf_wipe() after.
 */
int process_exchange(const struct process *process, const char *input, size_t input_len,
                     struct buf *out, int *status, struct err *err);

#endif
