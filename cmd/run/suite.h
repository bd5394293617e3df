/*
 * A file of tests, for --test: YAML or JSON in the shape of TestSuite, which Google's tester of
 * plugins for Service Extensions reads (GoogleCloudPlatform/service-extensions,
 * plugins/test/runner.proto). Names are those of the proto or their lowerCamelCase; bytes are
 * written as plain text, as that tester's YAML has them. Of wasme is the matcher "contains".
 */
#ifndef WASME_CMD_RUN_SUITE_H
#define WASME_CMD_RUN_SUITE_H

#include "cmd/run/envoy_log.h"
#include "cmd/run/trial.h"

struct suite {
    struct trials trials;
    char *config_path; /* of env; owned; NULL: none */
    const char *level; /* of env, as --log-level has it; NULL: none */
    bool scripts;      /* a test says what the server behind answers */
};
void suite_release(struct suite *suite); /* usable with AUTO() */

/* Reads the file; the paths in it begin at its folder. ERR_FAILED names the test and the member
 * that is unknown or wrong. */
int suite_read(const char *path, struct suite *out, struct err *err);
/* The same for the text of a file; `folder` is "" or has a slash at its end. */
int suite_parse(const char *text, size_t len, const char *folder, struct suite *out,
                struct err *err);

#endif
