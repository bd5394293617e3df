/*
 * The parts of `wasme build` around the compiler: the runtime config that goes with the filter, and
 * the image that the filter becomes. cmd/build.c has the options and the order of the work.
 */
#ifndef WASME_CMD_BUILD_IMAGE_H
#define WASME_CMD_BUILD_IMAGE_H

#include "base/buf.h"
#include "base/err.h"
#include "cmd/build_source.h"
#include "cmd/host_args.h"
#include "cmd/packing_args.h"
#include "image/ref.h"
#include "store/store.h"
#include "toolchain/builder.h"

struct build_args {
    const char *tag;
    const char *config;
    const char *tmp_dir;
    const char *image; /* where the tools are and run; NULL: on this machine */
    const char *store;
    bool optimize, strip;
    struct build_source_args source;
    struct packing_args packing;
    struct host_args hosts;
};

/* A build whose arguments are checked. */
struct build_job {
    const struct build_args *args;
    const struct builder *builder;
    const char *source; /* as given, or where it was fetched to */
    struct store *store;
    struct ref ref;
    struct packing packing;
    struct host_wish hosts;
    const volatile int *interrupted; /* see struct build_request */
};

/* Reads the config of --config, else the one in the source folder or beside the source file, and
 * writes its canonical form; without both, `out` stays empty. */
int build_find_config(const struct build_args *args, const char *source, struct buf *out,
                      struct err *err);
/* Makes the image of the module at `path` and tags it. An empty `config` is filled from the
 * module. */
int build_add_image(const struct build_job *job, const char *path, struct buf *config,
                    struct err *err);

#endif
