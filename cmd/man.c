/* The parts of the man pages that the tables know, as roff: the hidden command `wasme __man`. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/tar.h"
#include "cmd/command.h"
#include "cmd/progress.h"
#include "cmd/run_limits.h"
#include "cmd/serve_limits.h"
#include "cmd/size.h"
#include "cmd/usage.h"
#include "git/limits.h"
#include "image/gateway.h"
#include "registry/call.h"
#include "registry/calls.h"
#include "registry/memory.h"
#include "registry/page.h"
#include "registry/published.h"
#include "registry/seen.h"
#include "server/server.h"
#include "store/blobs.h"
#include "store/layout.h"
#include "store/transit/archive.h"
#include "store/transit/fetch.h"

enum { SECONDS_OF_DAY = 86400 };

/* Prints text for roff: escapes a leading dot, and each character that roff would replace by a
 * typographic one (groff_char(7)). */
static void print_text(const char *text)
{
    static const char *const escapes[] = {
        ['\\'] = "\\e",  ['-'] = "\\-",   ['\''] = "\\(aq",
        ['~'] = "\\(ti", ['^'] = "\\(ha", ['`'] = "\\(ga",
    };
    if (*text == '.')
        fputs("\\&", stdout);
    for (; *text; text++) {
        unsigned char at = (unsigned char)*text;
        if (at < COUNT(escapes) && escapes[at])
            fputs(escapes[at], stdout);
        else
            putchar(*text);
    }
}

static void print_synopsis(const struct command *command)
{
    AUTO_FREE char *synopsis = usage_synopsis(command);
    printf(".B wasme %s\n[\\fIOPTIONS\\fR]%s", command->name, *synopsis ? " " : "");
    print_text(synopsis);
    fputs(command->passes_rest ? " [\\-\\- \\fIFLAGS\\fR]\n" : "\n", stdout);
}

static void print_positional(const struct positional *positional)
{
    AUTO_FREE char *help = usage_positional_help(positional);
    printf(".TP\n.I %s%s\n", positional->name, positional->repeated ? "..." : "");
    print_text(help);
    putchar('\n');
}

static void print_option(const struct option *option)
{
    AUTO_FREE char *help = usage_option_help(option);
    fputs(".TP\n", stdout);
    if (option->short_name)
        printf("\\fB\\-%c\\fR, ", option->short_name);
    fputs("\\fB\\-\\-", stdout);
    print_text(option->name);
    fputs("\\fR", stdout);
    if (option->arg)
        printf(" \\fI%s\\fR", option->arg);
    putchar('\n');
    print_text(help);
    putchar('\n');
}

/* Prints the arguments and the command's own options without a heading, then the other groups. */
static void print_options(const struct command *command)
{
    for (const struct positional *p = command->positionals; p && p->name; p++)
        print_positional(p);
    for (int group = 0; group < GROUP_COUNT; group++) {
        const struct option *option = usage_next(command, (enum option_group)group, NULL);
        if (option && group != GROUP_OWN)
            printf(".SS %s\n", usage_group_title((enum option_group)group));
        for (; option; option = usage_next(command, (enum option_group)group, option))
            print_option(option);
    }
}

static void print_commands(const struct command *const *commands)
{
    for (const struct command *const *command = commands; *command; command++) {
        if (!command_visible(*command))
            continue;
        printf(".TP\n.BR wasme\\-%s (1)\n", (*command)->name);
        print_text((*command)->summary);
        putchar('\n');
    }
}

static void print_example(const struct command *command)
{
    print_text(command->example ? command->example : "");
    putchar('\n');
}

/* The constants that the man pages name, each as @CONSTANT@. */
static const struct limit {
    const char *name;
    enum { LIMIT_COUNT, LIMIT_BYTES, LIMIT_DAYS } kind;
    long long number;
} limits[] = {
#define LIMIT(kind, constant)                                                                      \
    {                                                                                              \
#constant, (kind), (constant)                                                              \
    }
    LIMIT(LIMIT_BYTES, ARCHIVE_MAX),
    LIMIT(LIMIT_BYTES, FETCH_MAX_SIZE),
    LIMIT(LIMIT_BYTES, GATEWAY_SERVED_MAX),
    LIMIT(LIMIT_BYTES, UPSTREAM_BODY_MAX),
    LIMIT(LIMIT_BYTES, SUITE_MAX),
    LIMIT(LIMIT_COUNT, SUITE_TESTS_MAX),
    LIMIT(LIMIT_COUNT, GIT_FILES_MAX),
    LIMIT(LIMIT_BYTES, GIT_FILES_BYTES),
    LIMIT(LIMIT_BYTES, GIT_RECEIVED_MAX),
    LIMIT(LIMIT_BYTES, GATEWAY_READ_MAX),
    LIMIT(LIMIT_COUNT, INDEX_CHILDREN_MAX),
    LIMIT(LIMIT_COUNT, INDEX_DEPTH_MAX),
    LIMIT(LIMIT_BYTES, LISTING_BYTES_MAX),
    LIMIT(LIMIT_COUNT, LISTING_MODULES_MAX),
    LIMIT(LIMIT_COUNT, LISTING_NAMES_MAX),
    LIMIT(LIMIT_COUNT, MANIFEST_LAYERS_MAX),
    LIMIT(LIMIT_BYTES, MANIFEST_MAX),
    LIMIT(LIMIT_COUNT, PAGE_ITEMS_MAX),
    LIMIT(LIMIT_COUNT, PROGRESS_LOG_SECONDS),
    LIMIT(LIMIT_COUNT, PUBLISHED_MANIFESTS_MAX),
    LIMIT(LIMIT_DAYS, STORE_PART_LIFE),
    LIMIT(LIMIT_BYTES, STORE_PART_MIN),
    LIMIT(LIMIT_COUNT, TAR_ENTRIES_MAX),
    LIMIT(LIMIT_BYTES, TAR_FREE),
    LIMIT(LIMIT_COUNT, TAR_RATIO_MAX),
    LIMIT(LIMIT_BYTES, LAYER_REST_MAX),
    LIMIT(LIMIT_COUNT, WHITEOUTS_MAX),
    LIMIT(LIMIT_COUNT, MEMORY_DAYS),
    LIMIT(LIMIT_COUNT, MEMORY_ENTRIES_MAX),
    LIMIT(LIMIT_COUNT, SEEN_MAX),
    LIMIT(LIMIT_BYTES, STORE_BLOBS_RATE),
    LIMIT(LIMIT_BYTES, SMALL_MAX),
    LIMIT(LIMIT_BYTES, UPLOAD_SHARED_MAX),
    LIMIT(LIMIT_BYTES, REQUEST_HEAD_MAX),
    LIMIT(LIMIT_BYTES, REQUEST_TARGET_MAX),
    LIMIT(LIMIT_COUNT, SERVER_PER_ADDRESS),
};

/* Prints "1032", or "100,000". */
static void print_count(long long number)
{
    if (number < 10000)
        printf("%lld\n", number);
    else
        printf("%lld,%03lld\n", number / 1000, number % 1000);
}

static int print_limit(const char *name, struct err *err)
{
    size_t i = 0;
    while (i < COUNT(limits) && strcmp(limits[i].name, name) != 0)
        i++;
    if (i == COUNT(limits))
        return err_set(err, ERR_USAGE, "__man: no limit %s: add it to the table in cmd/man.c",
                       name);
    long long number = limits[i].number;
    AUTO_FREE char *size = size_text(number, " ");
    if (limits[i].kind == LIMIT_BYTES)
        puts(size);
    else
        print_count(limits[i].kind == LIMIT_DAYS ? number / SECONDS_OF_DAY : number);
    return 0;
}

static const struct part {
    const char *name;
    void (*print)(const struct command *command); /* NULL: the part is not of a command */
} parts[] = {
    {"commands", NULL},           {"limit", NULL},
    {"synopsis", print_synopsis}, {"options", print_options},
    {"example", print_example},
};

static const char *part_name(size_t at)
{
    return at < COUNT(parts) ? parts[at].name : NULL;
}

static int man(const struct cli *cli, void *args, struct err *err)
{
    (void)args;
    const struct part *part = parts;
    while (strcmp(part->name, cli->args[0]) != 0)
        part++;
    if (strcmp(part->name, "commands") == 0) {
        print_commands(cli->commands);
        return 0;
    }
    if (cli->arg_count < 2)
        return err_set(err, ERR_USAGE, "__man %s: needs a NAME too", part->name);
    if (!part->print)
        return print_limit(cli->args[1], err);
    const struct command *command = command_find(cli->commands, cli->args[1]);
    if (!command)
        return command_unknown(cli->commands, cli->args[1], err);
    part->print(command);
    return 0;
}

static const struct option no_options[] = {OPT_END};

extern const struct command man_command;
const struct command man_command = {
    .name = "__man",
    .summary = "print a part of a man page",
    .positionals = POSITIONALS(
        {.name = "PART", .help = "the part to print", .values = part_name},
        {.name = "NAME", .help = "the command, or the constant of a limit", .optional = true}),
    .options = no_options,
    .args_size = 1,
    .run = man,
};
