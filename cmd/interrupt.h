/* Ctrl-C and a polite kill, as a flag that long work looks at. */
#ifndef WASME_CMD_INTERRUPT_H
#define WASME_CMD_INTERRUPT_H

/* From now on SIGINT and SIGTERM set the flag to their number; a second one ends the process at
 * once. A signal that is ignored since before the start (nohup, a job of a script) stays ignored.
 */
const volatile int *interrupt_catch(void);
/* The flag alone: where nobody catches the signals, they end the process as ever. */
const volatile int *interrupt_flag(void);
/* The same as interrupt_catch() for a command that hands signals on to a child: SIGHUP too, and interrupt_status() is
 * 128 + the signal's number, as of the child. */
const volatile int *interrupt_catch_for_child(void);
/* The same as interrupt_catch(), and a descriptor that becomes readable with the first signal; -1
 * when there is none to be had. It belongs to this file. */
int interrupt_fd(void);

/* The exit status of a command that was interrupted. */
int interrupt_status(void);

#endif
