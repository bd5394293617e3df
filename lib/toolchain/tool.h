/* Running a language's own tools: asking for a version, building, and the words of the errors. */
#ifndef WASME_TOOLCHAIN_TOOL_H
#define WASME_TOOLCHAIN_TOOL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "toolchain/builder.h"

#define TOOL_PROBE_MAX (256 * 1024) /* bytes taken of what a probe prints */
/* Bytes of a build's standard output, where that is read: cargo prints about 2 kB per crate. */
#define TOOL_OUTPUT_MAX (16 * 1024 * 1024)

struct tool {
    const char *program;
    const char *install; /* how to get it: the end of the sentence "not found in PATH: ..." */
};

/* Where a tool runs, and for whom. All is lent. */
struct tool_place {
    const char *cwd;
    bool quiet; /* its standard error is not shown: it is the reason when the tool fails */
    const volatile int *interrupted; /* see struct process; then it has a group of its own */
};

/* Where the tool of a build runs: in the source, and its words are shown. */
struct tool_place tool_place_of(const struct build_request *request);

/* All is borrowed; `argv` and `env` are NULL-terminated, and `env` may be NULL. */
struct tool_call {
    const struct tool *tool;
    const char *what; /* for errors: "go build" */
    const char *const *argv;
    const char *const *env; /* "NAME=value", over the inherited environment */
    struct tool_place place;
};

/* Runs it with nothing on its standard input and appends what it prints to `out`, at most
 * TOOL_PROBE_MAX bytes; a failure names the tool and how to get it. */
int tool_probe(const struct tool_call *call, struct buf *out, struct err *err);
/*
 * Tells the command line and runs it, with its temporary files in the request's folder for output,
 * which the line does not say. With `out` its standard output is appended there; without, it
 * goes to our standard error, since our standard output is data.
 */
int tool_build(const struct build_request *request, const struct tool_call *call, struct buf *out,
               struct err *err);
/* The call as one would type it into a shell, without a control character: "cd DIR && NAME=value
 * program arg ...". */
char *tool_line(const struct tool_call *call);

#endif
