/* wasme completion, and the hidden commands behind the completions and the man pages. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/commands.h"
#include "cmd/help.h"
#include "cmd/settings.h"
#include "cmd/suggest.h"
#include "completions/completions.h"

struct no_args {
    char unused;
};

static const struct option no_options[] = {OPT_END};

static const struct {
    const char *name;
    void (*print)(const struct command *const *commands, FILE *out);
} shells[] = {
    {"bash", completions_bash},
    {"zsh", completions_zsh},
    {"fish", completions_fish},
};

static char *shell_words(void)
{
    struct buf words = BUF_INIT(256);
    for (size_t i = 0; i < COUNT(shells); i++)
        buf_printf(&words, "%s%s", i ? " " : "", shells[i].name);
    return buf_steal(&words);
}

static int completion(const struct cli *cli, void *args, struct err *err)
{
    (void)args;
    for (size_t i = 0; i < COUNT(shells); i++) {
        if (strcmp(shells[i].name, cli->args[0]) == 0) {
            shells[i].print(commands, stdout);
            return 0;
        }
    }
    AUTO_FREE char *words = shell_words();
    AUTO_FREE char *near = suggest_word(words, cli->args[0]);
    return err_set(err, ERR_USAGE, "completion: no shell \"%.80s\"%s%s%s: there are %s",
                   cli->args[0], near ? "; did you mean " : "", near ? near : "", near ? "?" : "",
                   words);
}

extern const struct command completion_command;
const struct command completion_command = {
    .name = "completion",
    .synopsis = "SHELL",
    .summary = "print the completion script of bash, zsh or fish",
    .details = "For bash, in ~/.bashrc:        source <(wasme completion bash)\n"
               "For zsh, in ~/.zshrc:          source <(wasme completion zsh)\n"
               "For fish, once:                wasme completion fish >\n"
               "                               ~/.config/fish/completions/wasme.fish",
    .example = "source <(wasme completion bash)",
    .min_args = 1,
    .max_args = 1,
    .args_complete = COMPLETE_WORDS,
    .words = shell_words,
    .options = no_options,
    .args_size = sizeof(struct no_args),
    .run = completion,
};

struct complete_args {
    const char *store;
};

static const struct option complete_options[] = {
    STORE_OPTION(struct complete_args, store),
    OPT_END,
};

/* A shell puts these on its command line: what only claims to be a reference stays out. */
static int print_ref(void *arg, const struct store_image *image)
{
    (void)arg;
    AUTO(ref_release) struct ref ref = {0};
    if (ref_parse(image->ref, NULL, &ref, ERR_IGNORED) == 0 && strcmp(ref.full, image->ref) == 0)
        puts(image->ref);
    return 0;
}

static int complete(const struct cli *cli, void *args, struct err *err)
{
    (void)cli;
    const struct complete_args *complete_args = args;
    AUTO(store_close_at) struct store *store = NULL;
    int rc = settings_store(complete_args->store, &store, err);
    return rc ? rc : store_each(store, print_ref, NULL, NULL, err);
}

extern const struct command complete_command;
const struct command complete_command = {
    .name = "__complete",
    .synopsis = "",
    .summary = "print the references of the local store",
    .options = complete_options,
    .args_size = sizeof(struct complete_args),
    .run = complete,
};
