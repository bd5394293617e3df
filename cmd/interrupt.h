/* SIGINT (Ctrl-C) and SIGTERM as a flag, at which long work looks. */
#ifndef WASME_CMD_INTERRUPT_H
#define WASME_CMD_INTERRUPT_H

/* From now on SIGINT and SIGTERM set the flag to their number; a second signal ends the process at
 * once. A signal that was ignored when the process started (nohup, a job of a script) stays
 * ignored. */
const volatile int *interrupt_catch(void);
/* Returns the flag, and catches nothing: without interrupt_catch(), a signal ends the process. */
const volatile int *interrupt_flag(void);
/* interrupt_catch() for a command that hands signals on to a child: SIGHUP is caught, too, and
 * interrupt_status() is 128 + the number of the signal, as for the child. A second signal makes the
 * flag negative, so that the child is killed at once; a third one ends the process. */
const volatile int *interrupt_catch_for_child(void);
/* interrupt_catch(), which also returns a descriptor that becomes readable with the first signal;
 * -1: none could be made. The caller must not close the descriptor. */
int interrupt_fd(void);

/* The exit status of a command that was interrupted. */
int interrupt_status(void);

#endif
