/* The option --require of commands that handle filters, and their warning about a filter that the
 * proxies will not load. */
#ifndef WASME_CMD_HOST_ARGS_H
#define WASME_CMD_HOST_ARGS_H

#include "cmd/command.h"
#include "module/host/host.h"
#include "toolchain/builder.h"

struct host_args {
    struct option_list require;
};

#define HOST_OPTIONS(type)                                                                         \
    OPT_LIST(type, hosts.require, 0, "require", "NAME[:VERSION]", COMPLETE_NONE,                   \
             "fail unless the host NAME will load the filter", .values = host_listed,              \
             .versioned = true)

/* The hosts that have to load a filter. */
struct host_wish {
    struct host_choice *hosts; /* owned */
    size_t count;
    const struct builder *builder; /* the one that has just made the filter; NULL: not known */
    bool fresh; /* the filter was just made: its instructions are checked in any case */
};
void host_wish_release(struct host_wish *wish); /* usable with AUTO() */
int host_wish_read(const struct cli *cli, const struct host_args *args, struct host_wish *out,
                   struct err *err);

/*
 * Judges the wasm behind the descriptor, which `shown` names. ERR_FAILED: a required host will not
 * load it, or that cannot be told. Without a required host, a filter that the host of its ABI
 * version will not load is only warned of.
 */
int host_wish_judge(const struct host_wish *wish, int fd, const char *shown, struct err *err);
/* The same for a module that was read from the descriptor. */
int host_wish_judge_module(const struct host_wish *wish, int fd, const struct module *module,
                           const char *shown, struct err *err);

#endif
