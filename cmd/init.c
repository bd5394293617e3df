/* wasme init: the files of a small filter, with which an author begins. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/visible.h"
#include "cmd/build_source.h"
#include "cmd/command.h"
#include "cmd/init_next.h"
#include "cmd/interrupt.h"
#include "cmd/log.h"
#include "cmd/secret.h"
#include "git/spec.h"
#include "starter/starter.h"

struct init_args {
    struct build_source_args source;
    const char *from;
    const char *language;
    const char *platform;
    const char *platform_version;
    bool disable_prompt;
};

/* --- The language --- */

/* The starter that the answer names, by its number or its language; or NULL. */
static const struct starter *starter_of(const char *answer)
{
    if (strlen(answer) == 1 && *answer >= '1' && *answer <= '9')
        return starter_at((size_t)(*answer - '1'));
    return starter_find(answer);
}

static int ask_language(const struct starter **out, struct err *err)
{
    fputs("Languages:\n", stderr);
    const struct starter *starter;
    for (size_t i = 0; (starter = starter_at(i)); i++)
        fprintf(stderr, "  %zu  %-16s %s\n", i + 1, starter->language, starter->summary);
    for (*out = NULL; !*out;) {
        AUTO_FREE char *answer = NULL;
        int rc = secret_ask("Number or name of the language: ", true, &answer, err);
        if (rc)
            return rc == ERR_INTERRUPTED ? rc : err_wrap(err, "init: --language");
        *out = starter_of(answer);
    }
    return 0;
}

static int choose_language(const struct init_args *args, const struct starter **out,
                           struct err *err)
{
    if (args->language) {
        *out = starter_find(args->language);
        return 0; /* the table of options lets no other word pass */
    }
    if (!args->disable_prompt && isatty(STDIN_FILENO) && log_on_terminal())
        return ask_language(out, err);
    AUTO(buf_release) struct buf names = BUF_INIT(256);
    buf_add_names(&names, starter_listed);
    return err_set(err, ERR_USAGE, "init: name the language of the filter with --language: %s",
                   buf_text(&names));
}

/* --- The files --- */

static int copy_from_git(const struct init_args *args, const char *dir, struct err *err)
{
    AUTO(build_source_close) struct build_source source = {0};
    int rc = build_source_open(&args->source, args->from, NULL, &source, err);
    if (!rc)
        rc = starter_copy(source.path, dir, &log_notice, err);
    if (!rc)
        log_info("made a filter", "folder", dir, "from", source.shown, NULL);
    else
        build_source_name(&source, err);
    return rc;
}

static int write_starter(const struct init_args *args, struct init_next *next, struct err *err)
{
    int rc = choose_language(args, &next->starter, err);
    if (!rc) {
        next->starter = starter_for(next->starter, next->platform->name);
        rc = init_platform_judge(next->platform, next->starter, &next->fit, err);
    }
    if (rc)
        return rc;
    (void)interrupt_catch();
    rc = starter_write(next->starter, next->dir, next->name, err);
    if (rc)
        return rc == ERR_INTERRUPTED ? rc : err_wrap(err, "init");
    log_info("made a filter", "folder", next->dir, "language", next->starter->language, "name",
             next->name, NULL);
    return 0;
}

static int check_words(const struct init_args *args, const char *dir, struct err *err)
{
    if (!*dir)
        return err_set(err, ERR_USAGE, "init: name the folder for the filter");
    if (args->from && args->language)
        return err_set(err, ERR_USAGE,
                       "init: --language %s and --from: the files of --from have their language: "
                       "leave --language out",
                       args->language);
    if (args->from && (!git_spec_is_url(args->from) || access(args->from, F_OK) == 0))
        return err_set(err, ERR_USAGE,
                       "init: --from %s: that is no address of git, as in "
                       "https://HOST/REPOSITORY.git#REF:DIR",
                       args->from);
    return 0;
}

static int init(const struct cli *cli, void *opaque, struct err *err)
{
    const struct init_args *args = opaque;
    AUTO(init_platform_release) struct init_platform platform = {0};
    int rc = check_words(args, cli->args[0], err);
    if (!rc)
        rc = init_platform_read(args->platform, args->platform_version, &platform, err);
    if (rc)
        return rc;
    /* Behind a slash the system would follow a link at the end of the path. */
    AUTO_FREE char *dir = mem_dup(cli->args[0]);
    for (size_t len = strlen(dir); len > 1 && dir[len - 1] == '/'; len--)
        dir[len - 1] = '\0';
    AUTO_FREE char *name = starter_name(dir);
    struct init_next next = {.dir = dir, .name = name, .platform = &platform};
    rc = args->from ? copy_from_git(args, dir, err) : write_starter(args, &next, err);
    if (!rc)
        init_next_print(&next);
    return rc;
}

/* --- The table --- */

static const char *language_name(size_t at)
{
    size_t count = 0;
    while (starter_at(count))
        count++;
    if (at < count)
        return starter_listed(at);
    const struct starter *starter;
    for (size_t i = 0, alias = count; (starter = starter_at(i)); i++)
        if (starter->alias && alias++ == at)
            return starter->alias;
    return NULL;
}

static const struct option options[] = {
    OPT_TEXT(struct init_args, language, 'l', "language", "LANGUAGE", COMPLETE_NONE,
             "the language of the filter", .values = language_name,
             .otherwise = "the answer to a question on the terminal"),
    OPT_TEXT(struct init_args, from, 0, "from", "URL#REF:DIR", COMPLETE_NONE,
             "copy the files of the folder DIR of a git repository"),
    OPT_TEXT(struct init_args, platform, 0, "platform", "HOST[:VERSION]", COMPLETE_NONE,
             "the proxy that shall run the filter", .values = init_platform_name, .versioned = true,
             .otherwise = "envoy"),
    OPT_TEXT(struct init_args, platform_version, 0, "platform-version", "VERSION", COMPLETE_NONE,
             "the version of that proxy", .otherwise = "the newest"),
    OPT_FLAG(struct init_args, disable_prompt, 0, "disable-prompt",
             "ask nothing, also on a terminal"),
    BUILD_FETCH_OPTIONS(struct init_args),
    OPT_END,
};

extern const struct command init_command;
const struct command init_command = {
    .name = "init",
    .summary = "make the files of a small filter to begin with",
    .details = "The filter adds a header to each response; the configuration of the plugin is\n"
               "the value of the header. README.md has the commands that build, check, serve\n"
               "and push the filter. No file that exists is overwritten.",
    .example = "wasme init my-filter --language tinygo",
    .positionals = POSITIONALS({.name = "DIR",
                                .help = "the folder for the filter, named like the filter",
                                .complete = COMPLETE_DIR}),
    .options = options,
    .args_size = sizeof(struct init_args),
    .run = init,
};
