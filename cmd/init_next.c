#include "cmd/init_next.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/visible.h"

#define REGISTRY "registry.example"
#define ROUTE "my-route"
#define PUSHED REGISTRY "/filters/@name@:v1"

enum { TEXT_MAX = 64 * 1024 };

/* In the commands, @name@ stands for the name of the filter, @version@ for the option with the
 * version of the platform, and @expect@ and @config@ for options that belong to the starters. */
static const char *const to_registry[] = {
    "wasme tag @name@:v1 " PUSHED,
    "wasme push " PUSHED,
};

static const struct way {
    const char *platform;
    bool pushes;     /* the commands of to_registry come first */
    const char *run; /* NULL: there is no such command */
    const char *deploy;
} ways[] = {
    {"envoy", false, "wasme run @name@:v1 --check /@expect@",
     "wasme deploy envoy store:@name@:v1@version@ -o envoy.yaml"},
    {"istio", true, NULL, "wasme deploy istio " PUSHED "@version@"},
    {"higress", true, NULL, "wasme deploy higress " PUSHED "@version@"},
    {"envoy-gateway", true, NULL,
     "wasme deploy envoy-gateway " PUSHED "@version@ --target HTTPRoute/" ROUTE},
    {"gloo", true, NULL, "wasme deploy gloo " PUSHED " --enterprise"},
    {"mosn", false, NULL, "wasme deploy mosn store:@name@:v1@version@@config@ -o mosn.json"},
    /* APISIX runs no filter without a configuration. */
    {"apisix", false, NULL, "wasme deploy apisix store:@name@:v1@version@ --config hello"},
    {"kong", false, NULL, "wasme deploy kong store:@name@:v1@version@ --target Route/" ROUTE},
};

/* NULL: a platform that has no command behind `wasme check`. */
static const struct way *way_to(const char *platform)
{
    for (size_t i = 0; i < COUNT(ways); i++)
        if (strcmp(ways[i].platform, platform) == 0)
            return &ways[i];
    return NULL;
}

/* --- A command --- */

static const char *value_of(const struct init_next *next, const char *mark, size_t len)
{
    if (strncmp(mark, "name", len) == 0)
        return next->name;
    if (strncmp(mark, "expect", len) == 0)
        return next->starter ? " --expect-header 'x-wasme: hello'" : "";
    return next->starter ? " --config '{\"value\": \"good day\"}'" : "";
}

/* The version of the platform counts on the way to that platform alone. */
static void add_version(const struct init_next *next, struct buf *out)
{
    if (!next->fit.unfit && next->platform->version)
        buf_printf(out, " --target-version %s", next->platform->version);
}

static void print_command(const struct init_next *next, const char *command)
{
    AUTO(buf_release) struct buf out = BUF_INIT(TEXT_MAX);
    for (const char *mark; (mark = strchr(command, '@')) != NULL;) {
        size_t len = strcspn(mark + 1, "@");
        buf_add(&out, command, (size_t)(mark - command));
        if (strncmp(mark + 1, "version", len) == 0)
            add_version(next, &out);
        else
            buf_add_text(&out, value_of(next, mark + 1, len));
        command = mark + 1 + len + 1;
    }
    buf_add_text(&out, command);
    fprintf(stderr, "  %s\n", buf_text(&out));
}

/* --- All of them --- */

static void print_folder(const char *before, const char *dir, const char *after)
{
    AUTO(buf_release) struct buf path = BUF_INIT(TEXT_MAX);
    visible_quote(&path, dir);
    fprintf(stderr, "  %s%s%s%s\n", before, *dir == '-' ? "./" : "", buf_text(&path), after);
}

/* A folder beside that of the filter; "." and ".." are no names to add to. */
static char *folder_beside(const struct init_next *next, const char *language)
{
    const char *slash = strrchr(next->dir, '/');
    const char *last = slash ? slash + 1 : next->dir;
    if (strcmp(next->dir, ".") == 0)
        return mem_printf("../%s-%s", next->name, language);
    return *last && last[strspn(last, ".")]
               ? mem_printf("%s-%s", next->dir, language)
               : mem_printf("%s/../%s-%s", next->dir, next->name, language);
}

/* The command that makes a filter for the platform, in a folder of its own. */
static void print_other(const struct init_next *next)
{
    const struct init_platform *platform = next->platform;
    const char *language = next->fit.language;
    AUTO_FREE char *dir = folder_beside(next, language);
    AUTO_FREE char *options = mem_printf(" --language %s --platform %s", language, platform->host);
    fprintf(stderr, "Next, for %s:\n", host_title(&platform->choice));
    print_folder("wasme init ", dir, options);
}

static void print_header(const struct init_next *next)
{
    if (!next->fit.unfit) {
        fputs("Next:\n", stderr);
        return;
    }
    if (next->fit.language)
        print_other(next);
    fputs("Next, for Envoy, which loads this filter:\n", stderr);
}

/* The commands behind `wasme check`, and what is to be replaced in them. */
static void print_way(const struct init_next *next, const struct way *way)
{
    if (way->run)
        print_command(next, way->run);
    for (size_t i = 0; way->pushes && i < COUNT(to_registry); i++)
        print_command(next, to_registry[i]);
    print_command(next, way->deploy);
    if (way->pushes)
        fputs("Your registry takes the place of " REGISTRY ".\n", stderr);
    if (strstr(way->deploy, ROUTE))
        fputs("A route of yours takes the place of " ROUTE ".\n", stderr);
}

void init_next_print(const struct init_next *next)
{
    const struct starter *starter = next->starter;
    bool unfit = next->fit.unfit;
    const struct way *way = way_to(unfit ? "envoy" : next->platform->name);
    print_header(next);
    if (strcmp(next->dir, ".") != 0)
        print_folder("cd ", next->dir, "");
    if (starter && starter->prepare)
        fprintf(stderr, "  %s\n", starter->prepare);
    fprintf(stderr, "  wasme build %s%s. -t %s:v1%s\n", starter ? starter->language : "",
            starter ? " " : "", next->name, starter && starter->build ? starter->build : "");
    fprintf(stderr, "  wasme check %s:v1 --host %s\n", next->name,
            unfit ? "envoy" : next->platform->host);
    if (way)
        print_way(next, way);
    if (starter)
        fputs("README.md has the rest.\n", stderr);
}
