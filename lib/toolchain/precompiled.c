#include "toolchain/precompiled.h"

#include <sys/stat.h>

#include "base/mem.h"
#include "toolchain/fits.h"

static int build(const struct build_request *request, char **wasm_path, struct err *err)
{
    struct stat info;
    if (stat(request->source, &info) != 0)
        return err_errno(err, "source %s", request->source);
    if (S_ISDIR(info.st_mode))
        return err_set(err, ERR_FAILED, "source %s is a folder: name the .wasm file in it",
                       request->source);
    if (request->extra && request->extra[0])
        return err_set(err, ERR_USAGE,
                       "nothing is compiled for precompiled, so it takes no flags: \"%.80s\"",
                       request->extra[0]);
    *wasm_path = mem_dup(request->source);
    return 0;
}

const struct builder precompiled_builder = {
    .name = "precompiled",
    .summary = "a finished .wasm file",
    .signs = "a .wasm file",
    .fits = fits_precompiled,
    .build = build,
};
