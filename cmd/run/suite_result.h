/* What a phase of a test expects. */
#ifndef WASME_CMD_RUN_SUITE_RESULT_H
#define WASME_CMD_RUN_SUITE_RESULT_H

#include "cmd/run/suite_part.h"

/* Reads an Expectation into the trial. */
int suite_read_result(struct phase *phase, const struct json_t *result);

#endif
