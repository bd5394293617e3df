/* wasme check: whether gateways will load an image, and whether hosts will run the module in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "cmd/check_explain.h"
#include "cmd/check_print.h"
#include "cmd/each.h"
#include "cmd/json_print.h"
#include "cmd/settings.h"

enum { ASKED_MAX = 100, JSON_MAX = 256 * 1024 * 1024 };

struct check_args {
    struct transfer_args transfer;
    struct option_list gateways;
    struct option_list hosts;
    const char *explain;
    bool remote;
    bool json;
    const char *store;
};

/* Those who are asked: gateways, then hosts. */
struct asked {
    struct answer items[ASKED_MAX]; /* empty but for the first four members */
    size_t count;
    bool by_name; /* --gateway or --host was given */
};

/* --- Who is asked --- */

/* The host behind a gateway, in the version that --host names, or else in the newest. */
static struct host_choice host_behind(const struct check_args *args, enum gateway gateway)
{
    const char *name = gateway_name(gateway);
    struct host_choice choice = {0};
    if (host_parse(name, &choice, ERR_IGNORED) != 0)
        return (struct host_choice){0};
    for (size_t i = 0; i < args->hosts.count; i++) {
        struct host_choice named;
        if (host_parse(args->hosts.items[i], &named, ERR_IGNORED) == 0 &&
            strcmp(host_name(&named), name) == 0)
            return named;
    }
    return choice;
}

static void ask_gateway(const struct check_args *args, enum gateway gateway, struct asked *out)
{
    out->items[out->count++] =
        (struct answer){.of_gateway = true, .gateway = gateway, .host = host_behind(args, gateway)};
}

static int read_gateways(const struct check_args *args, struct asked *out, struct err *err)
{
    bool wanted[GATEWAY_COUNT] = {false};
    for (size_t i = 0; i < args->gateways.count; i++) {
        enum gateway gateway;
        int rc = gateway_parse(args->gateways.items[i], &gateway, err);
        if (rc)
            return err_wrap(err, "check: --gateway");
        wanted[gateway] = true;
    }
    for (size_t i = 0; i < GATEWAY_COUNT; i++)
        if (wanted[i] || !out->by_name)
            ask_gateway(args, (enum gateway)i, out);
    return 0;
}

/* Two names may stand for one row: envoy and envoy:1.40, 1.36 and 1.36.4. */
static bool has_host(const struct asked *asked, const struct host_choice *choice)
{
    for (size_t i = 0; i < asked->count; i++) {
        const struct answer *one = &asked->items[i];
        if (!one->of_gateway && one->host.version == choice->version)
            return true;
    }
    return false;
}

static int read_hosts(const struct check_args *args, struct asked *out, struct err *err)
{
    if (args->hosts.count > ASKED_MAX - GATEWAY_COUNT)
        return err_set(err, ERR_USAGE, "check: --host: at most %d hosts",
                       ASKED_MAX - GATEWAY_COUNT);
    for (size_t i = 0; i < args->hosts.count; i++) {
        const char *text = args->hosts.items[i];
        struct host_choice choice;
        int rc = host_parse(text, &choice, err);
        if (rc)
            return err_wrap(err, "check: --host \"%.100s\"", text);
        if (!has_host(out, &choice))
            out->items[out->count++] = (struct answer){.named = true, .host = choice};
    }
    return 0;
}

static int read_asked(const struct check_args *args, struct asked *out, struct err *err)
{
    out->by_name = args->gateways.count || args->hosts.count;
    int rc = read_gateways(args, out, err);
    return rc ? rc : read_hosts(args, out, err);
}

/* wkg looks at the manifest of an image, never at a module. */
static int check_wkg(const struct subject *subject, const struct check_args *args, struct err *err)
{
    for (size_t i = 0; subject->kind == SUBJECT_FILE && i < args->gateways.count; i++)
        if (strcmp(args->gateways.items[i], gateway_name(GATEWAY_WKG)) == 0)
            return err_set(err, ERR_USAGE,
                           "check: %s is a file, and wkg looks at images alone: name an image",
                           subject->text);
    return 0;
}

/* --- The answers --- */

static int answer_all(const struct asked *asked, struct checked *checked, struct err *err)
{
    AUTO(answer_wasm_release) struct answer_wasm wasm = ANSWER_WASM_INIT;
    int rc = 0;
    checked->answers = mem_zero(asked->count, sizeof(*checked->answers));
    for (size_t i = 0; !rc && i < asked->count; i++) {
        const struct answer *one = &asked->items[i];
        if (checked->subject.kind == SUBJECT_FILE && one->of_gateway && one->gateway == GATEWAY_WKG)
            continue;
        struct answer *answer = &checked->answers[checked->count++];
        *answer = *one;
        rc = one->of_gateway ? answer_of_gateway(&checked->subject, &wasm, answer, err)
                             : answer_of_host(&checked->subject, &wasm, answer, err);
    }
    return rc;
}

/* The result for one subject. No image suits wkg and the other gateways too; therefore the answer
 * of wkg counts only where it was asked by name. */
static int conclude(const struct asked *asked, const struct checked *checked, struct err *err)
{
    size_t refuse = 0, unknown = 0, counted = 0, hosts = 0;
    const char *text = checked->subject.text;
    for (size_t i = 0; i < checked->count; i++) {
        const struct answer *answer = &checked->answers[i];
        if (answer->of_gateway && answer->gateway == GATEWAY_WKG && !asked->by_name)
            continue;
        counted++;
        hosts += !answer->of_gateway;
        refuse += answer->state == ANSWER_REFUSES;
        unknown += answer->state == ANSWER_UNKNOWN;
    }
    const char *whom = !hosts ? "gateways" : hosts == counted ? "hosts" : "gateways and hosts";
    if (refuse)
        return err_set(err, ERR_FAILED, "check: %s: %zu of %zu %s will not load it", text, refuse,
                       counted, whom);
    if (unknown)
        return err_set(err, ERR_FAILED, "check: %s: the answer of %zu of %zu %s cannot be told",
                       text, unknown, counted, whom);
    return 0;
}

/* --- The command --- */

/* A run of the command. */
struct run {
    const struct check_args *args;
    const struct asked *asked;
    struct subject_place place;
    bool several; /* subjects */
    struct buf json;
};

static void run_release(struct run *run)
{
    buf_release(&run->json);
    subject_place_release(&run->place);
}

static int check_subject(struct run *run, const char *text, struct checked *checked,
                         struct err *err)
{
    int rc = subject_open(&checked->subject, text, &run->place, err);
    if (rc)
        return ref_holds_login(text) ? rc : err_wrap(err, "check %s", text);
    rc = check_wkg(&checked->subject, run->args, err);
    return rc ? rc : answer_all(run->asked, checked, err);
}

static int check_one(void *arg, const char *text, struct err *err)
{
    struct run *run = arg;
    AUTO(checked_release) struct checked checked = {.subject = SUBJECT_INIT};
    int rc = check_subject(run, text, &checked, err);
    if (rc)
        return rc;
    if (run->args->json)
        checked_put(&run->json, &checked);
    else
        checked_print(&checked, run->several);
    return conclude(run->asked, &checked, err);
}

/* Asks about all subjects. Several make a JSON array; it is also printed after a failure. */
static int check_all(const struct cli *cli, struct run *run, struct err *err)
{
    if (run->several)
        json_begin_array(&run->json);
    int rc = each_arg(cli, check_one, run, err);
    if (!run->args->json || rc == ERR_INTERRUPTED || !run->json.len)
        return rc;
    if (run->several)
        json_end_array(&run->json);
    int printed = json_print(&run->json, "check", rc ? ERR_IGNORED : err);
    return rc ? rc : printed;
}

static int check(const struct cli *cli, void *opaque, struct err *err)
{
    const struct check_args *args = opaque;
    AUTO_FREE struct asked *asked = mem_zero(1, sizeof(*asked));
    if (args->explain && (args->hosts.count || args->gateways.count))
        return err_set(err, ERR_USAGE, "check: --explain goes without --host and --gateway");
    if (args->explain)
        return explain_host(cli, args->explain, args->json, err);
    if (!cli->arg_count)
        return err_set(err, ERR_USAGE, "check: REF|FILE is missing");
    int rc = read_asked(args, asked, err);
    if (rc)
        return rc;
    AUTO(run_release)
    struct run run = {
        .args = args,
        .asked = asked,
        .place = {.args = &args->transfer, .store = args->store, .remote = args->remote},
        .several = cli->arg_count > 1,
        .json = BUF_INIT(JSON_MAX),
    };
    return check_all(cli, &run, err);
}

static const struct option options[] = {
    OPT_LIST(struct check_args, hosts, 0, "host", "NAME[:VERSION]", COMPLETE_NONE,
             "ask the host NAME about the module", .values = host_listed, .versioned = true),
    OPT_LIST(struct check_args, gateways, 0, "gateway", "NAME", COMPLETE_NONE,
             "ask the gateway NAME about the image", .values = gateway_listed,
             .otherwise = "all, without --host"),
    OPT_TEXT(struct check_args, explain, 0, "explain", "NAME[:VERSION]", COMPLETE_NONE,
             "print what the host NAME offers to modules", .values = host_listed,
             .versioned = true),
    OPT_FLAG(struct check_args, remote, 0, "remote",
             "look for images in the registry alone, and not first in the store"),
    OPT_FLAG(struct check_args, json, 0, "json", "print JSON instead of lines"),
    TRANSFER_OPTIONS(struct check_args),
    STORE_OPTION(struct check_args, store),
    OPT_END,
};

extern const struct command check_command;
const struct command check_command = {
    .name = "check",
    .summary = "say whether gateways and proxies will load an image, and why not",
    .details = "Where a file of that name exists, its module alone is checked.",
    .example = "wasme check harbor.example/base/filter:v1",
    .positionals =
        POSITIONALS({.name = "REF|FILE",
                     .help = "an image of the local store (store:REF: there alone) or of "
                             "a registry, or a file",
                     .optional = true,
                     .repeated = true,
                     .complete = COMPLETE_REF_OR_FILE}),
    .options = options,
    .args_size = sizeof(struct check_args),
    .run = check,
};
