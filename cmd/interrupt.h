/* Ctrl-C and a polite kill, as a flag that long work looks at. */
#ifndef WASME_CMD_INTERRUPT_H
#define WASME_CMD_INTERRUPT_H

/* From now on SIGINT and SIGTERM set the flag; a second one ends the process at once. */
const volatile int *interrupt_catch(void);
/* The same, and a descriptor that becomes readable with the first signal; -1 when there is none to
 * be had. It belongs to this file. */
int interrupt_fd(void);

#endif
