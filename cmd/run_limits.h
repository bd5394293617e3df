/* Limits of `wasme run` that its man page tells. */
#ifndef WASME_CMD_RUN_LIMITS_H
#define WASME_CMD_RUN_LIMITS_H

#define UPSTREAM_BODY_MAX (8 * 1024 * 1024) /* bytes of a body that the server behind takes */
#define SUITE_MAX (4 * 1024 * 1024)         /* bytes of a file of tests */
#define SUITE_TESTS_MAX 10000               /* tests in it */

#endif
