/* The options --check and --test, and what they come to. */
#ifndef WASME_CMD_RUN_EXPECT_ARGS_H
#define WASME_CMD_RUN_EXPECT_ARGS_H

#include "cmd/command.h"
#include "cmd/run/suite.h"

struct expect_args {
    struct option_list checks;
    int status; /* 0: 200 to 399 */
    struct option_list headers;
    struct option_list no_headers;
    struct option_list bodies;
    struct option_list logs;
    const char *test;
};

#define EXPECT_OPTIONS(type, field)                                                                \
    /* NOLINTBEGIN(bugprone-macro-parentheses) */                                                  \
    OPT_LIST(type, field.checks, 0, "check", "REQUEST", COMPLETE_NONE,                             \
             "make this request, as \"/a -H 'b: c'\", and end"),                                   \
        OPT_NUMBER(type, field.status, 0, "expect-status", "N", 0, 599, 0,                         \
                   "expect this status of each --check", .zero = "200 to 399"),                    \
        OPT_LIST(type, field.headers, 0, "expect-header", "NAME[:VALUE]", COMPLETE_NONE,           \
                 "expect this header of the response"),                                            \
        OPT_LIST(type, field.no_headers, 0, "expect-no-header", "NAME", COMPLETE_NONE,             \
                 "expect a response without this header"),                                         \
        OPT_LIST(type, field.bodies, 0, "expect-body", "TEXT", COMPLETE_NONE,                      \
                 "expect a body of the response with this text"),                                  \
        OPT_LIST(type, field.logs, 0, "expect-log", "TEXT", COMPLETE_NONE,                         \
                 "expect a line of the filter with this text"),                                    \
        OPT_TEXT(type, field.test, 0, "test", "FILE", COMPLETE_FILE,                               \
                 "make the requests of this file of tests, and end")
/* NOLINTEND(bugprone-macro-parentheses) */

/* Whether there is something to check. */
bool expect_is_given(const struct expect_args *args);
/* Reads the file and the requests: `out` has the trials of both. ERR_USAGE: an expectation has no
 * --check, or a request cannot be understood. */
int expect_read(const struct expect_args *args, struct suite *out, struct err *err);

#endif
