/* Running a language's own tools, to ask for a version or to build, and the words of the errors. */
#ifndef WASME_TOOLCHAIN_TOOL_H
#define WASME_TOOLCHAIN_TOOL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "toolchain/builder.h"

#define TOOL_PROBE_MAX (256 * 1024) /* bytes of the output of a probe */
/* Bytes of the output of a build, where wasme reads that: cargo prints about 2 kB for a crate. */
#define TOOL_OUTPUT_MAX (16 * 1024 * 1024)

struct tool {
    const char *program;
    const char *install; /* how to get the tool: the end of the sentence "not found in PATH: ..." */
    bool stays;          /* runs on this machine in any case: --image is no way to get the tool */
};

/* Where a tool runs, and for whom. All is lent. */
struct tool_place {
    const char *cwd;
    struct container *container; /* the tool is one of its image, and runs there; or NULL */
    bool quiet; /* the tool's standard error is not shown, but becomes the reason of a failure */
    const volatile int *interrupted; /* see struct process; the tool then has its own group */
};

/* The place of a build: the source folder, and the words of the tool are shown. */
struct tool_place tool_place_of(const struct build_request *request);

/* Words that a tool says when it fails, and what to do then. A NULL ends a list of them. */
struct tool_symptom {
    const char *words; /* a part of a line */
    const char *fix;   /* printed behind the line and a colon */
};

/* A command. All is borrowed; `argv` and `env` are NULL-terminated, and `env` may be NULL. */
struct tool_call {
    const struct tool *tool;
    const char *what; /* for errors: "go build" */
    const char *const *argv;
    const char *const *env;              /* "NAME=value", over the inherited environment */
    const struct tool_symptom *symptoms; /* of tool_build(); or NULL */
    struct tool_place place;
};

/* Runs a command with an empty standard input and appends its output to `out`, at most
 * TOOL_PROBE_MAX bytes. An error names the tool and how to get it. */
int tool_probe(const struct tool_call *call, struct buf *out, struct err *err);
/* Whether a name in the folder begins with `start`, where the folder is one of the tools: in the
 * image when they run there. 1 or 0, or an error. */
int tool_folder_has(const struct tool_place *place, const char *folder, const char *start,
                    struct err *err);
/*
 * Tells the command line and runs the command. Its temporary files go to the request's work_dir,
 * which the line does not show. Its output is appended to `out`; with `out` NULL it goes to our
 * standard error, since our standard output is data.
 */
int tool_build(const struct build_request *request, const struct tool_call *call, struct buf *out,
               struct err *err);
/* The command as one would type it into a shell, "cd DIR && NAME=value program arg ...", without
 * control characters. The caller frees it. In a container, tool_build() tells the command of docker
 * or podman. */
char *tool_line(const struct tool_call *call);

#endif
