#include "cmd/help.h"

#include <string.h>

#include "base/mem.h"
#include "cmd/commands.h"

enum { HELP_WIDTH = 80, HELP_COLUMN = 28 };

/* Wraps `text` at HELP_WIDTH; every line but the first begins at column `indent`. */
static void print_wrapped(const char *text, size_t column, size_t indent, FILE *out)
{
    while (*text) {
        size_t len = strcspn(text, " ");
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

void help_print_overview(FILE *out)
{
    fputs("usage: wasme COMMAND [OPTIONS] [ARGUMENTS]\n\n"
          "Takes a proxy-wasm filter from source to the proxy.\n\nCommands:\n",
          out);
    for (const struct command *const *command = commands; *command; command++) {
        if ((*command)->name[0] != '_')
            print_row((*command)->name, (*command)->summary, 14, out);
    }
    fputs("\n`wasme help COMMAND` or `wasme COMMAND --help` tells more about one.\n", out);
    print_example(command_find("build"), out);
}

static char *option_label(const struct option *option)
{
    char letter[8] = "";
    if (option->short_name)
        snprintf(letter, sizeof(letter), "-%c, ", option->short_name);
    return mem_printf("%s--%s%s%s", letter, option->name, option->arg ? " " : "",
                      option->arg ? option->arg : "");
}

static void print_options(const struct option *option, FILE *out)
{
    for (; option->kind != OPTION_END; option++) {
        AUTO_FREE char *label = option_label(option);
        AUTO_FREE char *indented = mem_printf("%s%s", option->short_name ? "" : "    ", label);
        print_row(indented, option->help, HELP_COLUMN, out);
    }
}

void help_print_command(const struct command *command, FILE *out)
{
    fprintf(out, "usage: wasme %s [OPTIONS]%s%s%s\n\n", command->name,
            *command->synopsis ? " " : "", command->synopsis,
            command->passes_rest ? " [-- FLAGS]" : "");
    print_wrapped(command->summary, 0, 0, out);
    if (command->more_details) {
        AUTO_FREE char *text = command->more_details();
        fprintf(out, "\n%s\n", text);
    }
    if (command->details)
        fprintf(out, "\n%s\n", command->details);
    fputs("\nOptions:\n", out);
    print_options(command->options, out);
    print_options(common_options, out);
    print_example(command, out);
}

struct help_args {
    char unused;
};

static int help(const struct cli *cli, void *args, struct err *err)
{
    (void)args;
    if (cli->arg_count == 0) {
        help_print_overview(stdout);
        return 0;
    }
    const struct command *command = command_find(cli->args[0]);
    if (!command)
        return command_unknown(cli->args[0], err);
    help_print_command(command, stdout);
    return 0;
}

static const struct option no_options[] = {OPT_END};

extern const struct command help_command;
const struct command help_command = {
    .name = "help",
    .synopsis = "[COMMAND]",
    .summary = "show what a command does and takes",
    .example = "wasme help push",
    .max_args = 1,
    .args_complete = COMPLETE_WORDS,
    .words = command_words,
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
    .synopsis = "",
    .summary = "show the version of wasme",
    .example = "wasme version",
    .options = no_options,
    .args_size = sizeof(struct help_args),
    .run = version,
};
