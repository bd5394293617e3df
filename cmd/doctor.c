/* wasme doctor: finds out what is missing or wrong, and says how to mend it. */
#include "cmd/doctor.h"

#include <string.h>

#include "base/mem.h"
#include "cmd/settings.h"

/* wasme doctor tries each request once, and gives up soon. */
enum { STALL_SECONDS = 20 };

struct doctor_args {
    struct transfer_args transfer;
    bool json;
    bool no_push;
    const char *store;
};

/* Reads the argument: a word without a slash is a registry, any other word a reference. */
static int read_target(const char *text, struct doctor *doctor, struct err *err)
{
    const char *slash = strrchr(text, '/');
    if (strstr(text, "://"))
        return err_set(err, ERR_USAGE, "doctor: \"%.200s\": name the registry without %.*s", text,
                       (int)(strstr(text, "://") - text + 3), text);
    if (!slash) {
        if (ref_parse("a", text, &doctor->ref, ERR_IGNORED) != 0)
            return err_set(err, ERR_USAGE, "doctor: \"%.200s\" is not a registry (host[:port])",
                           text);
        return 0;
    }
    doctor->repository = true;
    doctor->tagged = strpbrk(slash, ":@") != NULL;
    return settings_ref(text, &doctor->ref, err);
}

static int examine_server(const struct doctor_args *args, const char *text, struct err *err)
{
    AUTO(transfer_end) struct transfer transfer = {0};
    struct report report;
    struct doctor doctor = {.report = &report, .transfer = &transfer, .push = !args->no_push};
    int rc = read_target(text, &doctor, err);
    if (!rc)
        rc = transfer_begin(&transfer, &args->transfer, err);
    if (!rc) {
        report_begin(&report, args->json);
        rc = doctor_server(&doctor, err);
        int failed = report_end(&report, rc ? ERR_IGNORED : err);
        rc = rc ? rc : failed;
    }
    ref_release(&doctor.ref);
    return rc;
}

static int doctor(const struct cli *cli, void *opaque, struct err *err)
{
    struct doctor_args *args = opaque;
    args->transfer.stall_timeout = STALL_SECONDS;
    args->transfer.no_cache = true; /* what is wrong now counts, and not what was right before */
    if (cli->arg_count)
        return examine_server(args, cli->args[0], err);
    struct report report;
    report_begin(&report, args->json);
    int rc = doctor_machine(&report, args->store, err);
    int failed = report_end(&report, rc ? ERR_IGNORED : err);
    return rc ? rc : failed;
}

static const struct option options[] = {
    CONNECT_OPTIONS(struct doctor_args),
    OPT_FLAG(struct doctor_args, no_push, 0, "no-push", "do not try whether a push is allowed"),
    OPT_FLAG(struct doctor_args, json, 0, "json", "print JSON instead of lines"),
    STORE_OPTION(struct doctor_args, store),
    OPT_END,
};

extern const struct command doctor_command;
const struct command doctor_command = {
    .name = "doctor",
    .summary = "find out what is missing or wrong, and how to mend it",
    .details = "Without an argument, doctor looks at toolchains, the store and libraries. With\n"
               "one, doctor looks at the way to that registry, the login, and, for a repository,\n"
               "reading and pushing.",
    .example = "wasme doctor",
    .positionals =
        POSITIONALS({.name = "SERVER|REF",
                     .help = "a registry, host[:port], or a repository of one, HOST/NAME",
                     .optional = true,
                     .complete = COMPLETE_REF}),
    .options = options,
    .args_size = sizeof(struct doctor_args),
    .run = doctor,
};
