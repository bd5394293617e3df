/* The options for the choice of an image, which pull, load and copy share. */
#ifndef WASME_CMD_FETCH_ARGS_H
#define WASME_CMD_FETCH_ARGS_H

#include "cmd/command.h"
#include "store/transit/fetch.h"

struct fetch_args {
    long long max_size;
    const char *platform;
};

/* The options, for a struct with a member `fetch`. Each command gives its own help for both. */
#define FETCH_OPTIONS(type, size_help, platform_help)                                              \
    OPT_SIZE(type, fetch.max_size, 0, "max-size", "SIZE", FETCH_MAX_SIZE, size_help),              \
        OPT_TEXT(type, fetch.platform, 0, "platform", "OS/ARCH", COMPLETE_NONE, platform_help,     \
                 .otherwise = PLATFORM_DEFAULT)
#define MAX_SIZE_HELP "refuse larger layers and larger wasm"
#define PLATFORM_HELP "of an index, take the image for OS/ARCH"

/* Makes a wish for whole images. The wish refers to `platform`, which the caller releases, also
 * after a failure. ERR_USAGE: no such platform. */
int fetch_args_read(const struct fetch_args *args, struct platform *platform,
                    struct fetch_wish *wish, struct err *err);

#endif
