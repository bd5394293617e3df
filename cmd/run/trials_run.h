/* Making the requests of trials, and the report. */
#ifndef WASME_CMD_RUN_TRIALS_RUN_H
#define WASME_CMD_RUN_TRIALS_RUN_H

#include "cmd/run/session.h"
#include "cmd/run/trial.h"

/*
 * Makes the requests one after the other, and prints a report in the Test Anything Protocol,
 * version 13, on standard output: what was expected and what came instead is a comment below the
 * line of the trial. Sets the number of trials that failed. An error ends the run.
 */
int trials_run(struct session *session, const struct trials *trials, size_t *failed,
               struct err *err);

#endif
