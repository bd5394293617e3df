/* Running a language's own tools: asking for a version, building, and the words of the errors. */
#ifndef WASME_TOOLCHAIN_TOOL_H
#define WASME_TOOLCHAIN_TOOL_H

#include "base/buf.h"
#include "base/err.h"
#include "toolchain/toolchain.h"

#define TOOL_PROBE_MAX (256 * 1024) /* bytes taken of what a probe prints */
/* Bytes of a build's standard output, where that is read: cargo prints about 2 kB per crate. */
#define TOOL_OUTPUT_MAX (16 * 1024 * 1024)

struct tool {
    const char *program;
    const char *install; /* how to get it: the end of the sentence "not found in PATH: ..." */
};

/* All is borrowed; `argv` and `env` are NULL-terminated, and `env` may be NULL. */
struct tool_call {
    const struct tool *tool;
    const char *what; /* for errors: "go build" */
    const char *const *argv;
    const char *const *env; /* "NAME=value", over the inherited environment */
    const char *cwd;
};

/* Runs it with nothing on its standard input and appends what it prints to `out`, at most
 * TOOL_PROBE_MAX bytes; a failure names the tool and how to get it. */
int tool_probe(const struct tool_call *call, struct buf *out, struct err *err);
/*
 * Tells the command line and runs it. With `out` its standard output is appended there; without, it
 * goes to our standard error, since our standard output is data.
 */
int tool_build(const struct build_request *request, const struct tool_call *call, struct buf *out,
               struct err *err);
/* The call as one would type it into a shell: "cd DIR && NAME=value program arg ...". */
char *tool_line(const struct tool_call *call);

#endif
