/* One test of a file of tests: its phases, from the request to the log. */
#ifndef WASME_CMD_RUN_SUITE_PHASE_H
#define WASME_CMD_RUN_SUITE_PHASE_H

#include "base/json.h"
#include "cmd/run/trial.h"

/* Reads a Test into the trial. */
int suite_read_test(const struct json_t *test, const char *folder, struct trial *trial,
                    struct err *err);

#endif
