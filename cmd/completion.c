/* wasme completion, and the hidden command `wasme __complete` behind its scripts. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/command.h"
#include "cmd/settings.h"
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

static const char *shell_name(size_t at)
{
    return at < COUNT(shells) ? shells[at].name : NULL;
}

static int completion(const struct cli *cli, void *args, struct err *err)
{
    (void)args;
    (void)err;
    for (size_t i = 0; i < COUNT(shells); i++) {
        if (strcmp(shells[i].name, cli->args[0]) == 0)
            shells[i].print(cli->commands, stdout);
    }
    return 0;
}

extern const struct command completion_command;
const struct command completion_command = {
    .name = "completion",
    .summary = "print the completion script of bash, zsh or fish",
    .details = "For bash, in ~/.bashrc:        source <(wasme completion bash)\n"
               "For zsh, in ~/.zshrc:          source <(wasme completion zsh)\n"
               "For fish, once:                wasme completion fish >\n"
               "                               ~/.config/fish/completions/wasme.fish",
    .example = "source <(wasme completion bash)",
    .positionals = POSITIONALS({.name = "SHELL", .help = "the shell", .values = shell_name}),
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

/* Prints the reference of an image. A shell puts the text on the command line, so that only a text
 * that really is a reference is printed. */
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
    .summary = "print the references of the local store",
    .options = complete_options,
    .args_size = sizeof(struct complete_args),
    .run = complete,
};
