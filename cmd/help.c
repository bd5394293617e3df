#include "cmd/help.h"

#include <string.h>

#include "base/mem.h"
#include "cmd/command_names.h"
#include "cmd/usage.h"

enum { HELP_WIDTH = 80, HELP_COLUMN = 28 };

/* The length of the next word; a text in parentheses that fits into a line counts as a word:
 * "(default 4)". */
static size_t word_len(const char *text, size_t room)
{
    size_t len = strcspn(text, " ");
    const char *end = *text == '(' ? strchr(text, ')') : NULL;
    size_t whole = end ? (size_t)(end - text) + strcspn(end, " ") : len;
    return whole <= room ? whole : len;
}

/* Wraps `text` at HELP_WIDTH; every line but the first begins at column `indent`. */
static void print_wrapped(const char *text, size_t column, size_t indent, FILE *out)
{
    while (*text) {
        size_t len = word_len(text, HELP_WIDTH - indent);
        if (column > indent && column + 1 + len > HELP_WIDTH) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', out);
            column++;
        }
        fwrite(text, 1, len, out);
        column += len;
        text += len + strspn(text + len, " ");
    }
    fputc('\n', out);
}

static void print_row(const char *label, const char *help, size_t indent, FILE *out)
{
    size_t len = 2 + strlen(label);
    fprintf(out, "  %s", label);
    if (len + 2 > indent)
        fprintf(out, "\n%*s", (int)indent, "");
    else
        fprintf(out, "%*s", (int)(indent - len), "");
    print_wrapped(help, indent, indent, out);
}

static void print_example(const struct command *command, FILE *out)
{
    if (command && command->example)
        fprintf(out, "\nExample:\n  %s\n", command->example);
}

void help_print_overview(const struct command *const *commands, FILE *out)
{
    fputs("usage: wasme COMMAND [OPTIONS] [ARGUMENTS]\n\n"
          "Takes a proxy-wasm filter from source to the proxy.\n\nCommands:\n",
          out);
    for (const struct command *const *command = commands; *command; command++) {
        if (command_visible(*command))
            print_row((*command)->name, (*command)->summary, 14, out);
    }
    fputs("\n`wasme help COMMAND` or `wasme COMMAND --help` tells more about a command.\n", out);
    print_example(command_find(commands, "build"), out);
}

static char *option_label(const struct option *option)
{
    char letter[8] = "";
    if (option->short_name)
        snprintf(letter, sizeof(letter), "-%c, ", option->short_name);
    return mem_printf("%s--%s%s%s", letter, option->name, option->arg ? " " : "",
                      option->arg ? option->arg : "");
}

static void print_positional(const struct positional *positional, FILE *out)
{
    AUTO_FREE char *help = usage_positional_help(positional);
    AUTO_FREE char *label = mem_printf("%s%s", positional->name, positional->repeated ? "..." : "");
    print_row(label, help, HELP_COLUMN, out);
    for (size_t i = 0; positional->value_help && positional->values(i); i++) {
        AUTO_FREE char *value = mem_printf("  %s", positional->values(i));
        print_row(value, positional->value_help(i), HELP_COLUMN, out);
    }
}

static void print_group(const struct command *command, enum option_group group, FILE *out)
{
    const struct option *option = usage_next(command, group, NULL);
    if (option)
        fprintf(out, "\n%s:\n", usage_group_title(group));
    for (; option; option = usage_next(command, group, option)) {
        AUTO_FREE char *label = option_label(option);
        AUTO_FREE char *indented = mem_printf("%s%s", option->short_name ? "" : "    ", label);
        AUTO_FREE char *help = usage_option_help(option);
        print_row(indented, help, HELP_COLUMN, out);
    }
}

void help_print_command(const struct command *command, FILE *out)
{
    const struct positional *positional = command->positionals;
    AUTO_FREE char *synopsis = usage_synopsis(command);
    fprintf(out, "usage: wasme %s [OPTIONS]%s%s%s\n\n", command->name, *synopsis ? " " : "",
            synopsis, command->passes_rest ? " [-- FLAGS]" : "");
    print_wrapped(command->summary, 0, 0, out);
    if (command->details)
        fprintf(out, "\n%s\n", command->details);
    if (positional)
        fputs("\nArguments:\n", out);
    for (; positional && positional->name; positional++)
        print_positional(positional, out);
    for (int group = 0; group < GROUP_COUNT; group++)
        print_group(command, (enum option_group)group, out);
    print_example(command, out);
}

struct help_args {
    char unused;
};

static int help(const struct cli *cli, void *args, struct err *err)
{
    (void)args;
    (void)err;
    if (cli->arg_count == 0) {
        help_print_overview(cli->commands, stdout);
        return 0;
    }
    help_print_command(command_find(cli->commands, cli->args[0]), stdout);
    return 0;
}

static const struct option no_options[] = {OPT_END};

extern const struct command help_command;
const struct command help_command = {
    .name = "help",
    .summary = "show what a command does and takes",
    .example = "wasme help push",
    .positionals = POSITIONALS({.name = "COMMAND",
                                .help = "the command to explain",
                                .optional = true,
                                .values = command_listed}),
    .options = no_options,
    .args_size = sizeof(struct help_args),
    .run = help,
};

static int version(const struct cli *cli, void *args, struct err *err)
{
    (void)cli;
    (void)args;
    (void)err;
    puts("wasme " WASME_VERSION);
    return 0;
}

extern const struct command version_command;
const struct command version_command = {
    .name = "version",
    .summary = "show the version of wasme",
    .example = "wasme version",
    .options = no_options,
    .args_size = sizeof(struct help_args),
    .run = version,
};
