/* Limits of `wasme run` that its man page tells. */
#ifndef WASME_CMD_RUN_LIMITS_H
#define WASME_CMD_RUN_LIMITS_H

#define UPSTREAM_BODY_MAX (8 * 1024 * 1024) /* bytes of a body that the server behind takes */

#endif
