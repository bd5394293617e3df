/*
 * Child processes: started from an argument vector, never through a shell.
 *
 * process_run() runs a program to its end. process_start(), process_wait() and process_stop() are
 * for a program that runs beside us: a server that is to be ready first and to be stopped later.
 */
#ifndef WASME_BASE_PROCESS_H
#define WASME_BASE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

#define PROCESS_GRACE_MS 3000 /* the time that process_run() gives a child to end after a signal */

/* The receiver of a child's output, which comes piece by piece through a pipe. */
struct process_sink {
    /* Takes a piece. The memory is overwritten afterwards, since the piece may be a secret. False:
     * no more is wanted, and the pipe is closed. NULL: there is no pipe. */
    bool (*take)(void *arg, const void *data, size_t len);
    void *arg;
};

/* Appends to the buffer, which is lent; what is more than its maximum is read and dropped. */
struct process_sink process_keep(struct buf *buf);
/* The same, but the pipe is closed when the maximum is passed (see buf_overflowed): for a child
 * that may write for ever. For a secret output, the buffer wants buf_reserve() before and
 * buf_wipe() after. */
struct process_sink process_fill(struct buf *buf);

/* A program, and how it is run. All is lent. A child inherits no descriptor but its standard ones,
 * and no signal that we ignore for ourselves; one that was ignored when we began stays ignored. */
struct process {
    const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH; no secrets here */
    const char *cwd;         /* NULL: the caller's */
    const char *const *env;  /* NULL-terminated "NAME=value", over the inherited ones; or NULL */
    /* Its standard input, by a pipe: the way for a secret, which others could see among the
     * arguments. A child may end without having read all of it. NULL: the input is empty. */
    const char *input;
    size_t input_len;
    bool input_later;           /* more input may come by process_send() */
    struct process_sink output; /* its standard output; without `take` it goes where ours goes */
    struct process_sink talk;   /* its standard error; likewise */
    bool output_to_stderr; /* an output without `take` goes to our standard error: it is talk */
    /* The child gets a process group of its own, which the signals that we hand on reach as a
     * whole. The group is not the terminal's: no process in it can ask the user there. */
    bool own_group;
    long seconds; /* process_run() ends a child that takes longer; 0: no limit */
    /* When this becomes a signal's number, process_run() hands the signal on and ends the child,
     * and process_wait() returns. A negative number ends the time that the child has for its end.
     * NULL: nobody looks. */
    const volatile int *interrupted;
};

/*
 * Runs the program to its end, which need not be the end of processes that it leaves behind. 0 when
 * it could be started: `*status` is then its exit status (128 + the signal's number when a signal
 * ended it). ERR_NOT_FOUND: no such program in PATH. ERR_INTERRUPTED, ERR_TRANSIENT: it was ended,
 * since we were interrupted or it took too long.
 */
int process_run(const struct process *process, int *status, struct err *err);

/* A child that was started. */
struct process_child {
    bool running; /* false: it has ended, and `status` says how; or it was never started */
    int status;   /* as that of process_run() */
    pid_t pid;
    /* Readable when the child has ended, for a poll() of the caller's own; -1: the kernel has no
     * such descriptors. */
    int pidfd;

    /* For process.c alone: our ends of the pipes (-1: none, or closed), and what they carry. */
    int to, from, talk;
    const char *input;
    size_t left;
    struct process_sink output_sink, talk_sink;
    bool own_group, input_later;
    const volatile int *interrupted;
};

#define PROCESS_CHILD_INIT                                                                         \
    {                                                                                              \
        .pidfd = -1, .to = -1, .from = -1, .talk = -1                                              \
    }

/* Starts the program. `process` lends its members until the child has ended. The child's output is
 * moved to the sinks only within process_wait() and process_stop(): call one of them before pipes
 * are full. Errors are those of process_run(). */
int process_start(const struct process *process, struct process_child *out, struct err *err);
/* The next input of a child with `input_later`, lent until the child has ended or the next call;
 * the input before must have been written (see process_wait()). `last`: the input ends behind
 * it. */
void process_send(struct process_child *child, const char *data, size_t len, bool last);
/*
 * Waits until the child has ended or `ms` milliseconds are over (below 0: no limit), and moves its
 * input and output meanwhile. 0 in both cases: `child->running` says which. ERR_INTERRUPTED: we
 * were interrupted; the child was not, and wants process_stop().
 */
int process_wait(struct process_child *child, int64_t ms, struct err *err);
/*
 * Sends the signal to the child, or to its whole group where it has one of its own, and gives it
 * `grace_ms` milliseconds to end; what is left of the child and its group is killed then. Does
 * nothing when `child->running` is false. The child is not running afterwards.
 */
void process_stop(struct process_child *child, int number, int64_t grace_ms);
/* Kills a child that still runs, and closes the pipes; usable with AUTO(). */
void process_release(struct process_child *child);

#endif
