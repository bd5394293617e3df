/* Child processes: started from an argument vector, never through a shell. */
#ifndef WASME_BASE_PROCESS_H
#define WASME_BASE_PROCESS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

#define PROCESS_GRACE_MS 3000 /* to end after a signal; then it is killed */

/* A program, and how it is run. All is lent. A child inherits no descriptor but its standard ones,
 * and no signal that we ignore for ourselves; one that was ignored when we began stays ignored. */
struct process {
    const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH; no secrets here */
    const char *cwd;         /* NULL: the caller's */
    const char *const *env;  /* NULL-terminated "NAME=value", over the inherited ones; or NULL */
    bool output_to_stderr;   /* its standard output goes to our standard error: it is talk */
    struct buf *talk; /* its standard error is appended here, what is too much is dropped; NULL: it
                         goes to ours */
    /* A process group of its own, which signals that we hand on reach as a whole. It is not the
     * terminal's: nothing in it can ask there. */
    bool own_group;
    long seconds; /* it is ended when it takes longer; 0: no limit */
    /* A signal's number ends it: it gets that signal. NULL: nobody looks. */
    const volatile int *interrupted;
};

/*
 * Each of these runs the program to its end, which need not be the end of processes that it leaves
 * behind. 0 when it could be started: `*status` is then its exit status (128 + the signal's number
 * when a signal ended it). ERR_NOT_FOUND: no such program in PATH. ERR_INTERRUPTED, ERR_TRANSIENT:
 * it was ended, since we were interrupted or it took too long.
 */

/* Its output goes where ours goes; its standard input is empty. */
int process_run(const struct process *process, int *status, struct err *err);
/* Its standard output is appended to `out`, up to out->max bytes (the rest is read and dropped),
 * and its standard input is empty. */
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
