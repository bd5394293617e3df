/* The file that a compiler writes the module to. */
#ifndef WASME_TOOLCHAIN_OUTPUT_H
#define WASME_TOOLCHAIN_OUTPUT_H

#include "toolchain/tool.h"

/* The path for the module; the caller frees it. That is the one of the user's flag -o, which counts
 * from the source folder, or else filter.wasm in the request's work_dir, where a file is
 * removed. */
int output_choose(const struct build_request *request, char **out, struct err *err);
/* Runs the command, which has to write the file of output_choose(): see tool_build(). */
int output_build(const struct build_request *request, const struct tool_call *call,
                 const char *path, struct err *err);

#endif
