/* The parts of the man pages that the tables know, as roff: the hidden command `wasme __man`. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/commands.h"
#include "cmd/help.h"

/* Text for roff: a leading dot is escaped, and what would become typography (groff_char(7)). */
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
    printf(".B wasme %s\n[\\fIOPTIONS\\fR]", command->name);
    if (*command->synopsis)
        putchar(' ');
    print_text(command->synopsis);
    fputs(command->passes_rest ? " [\\-\\- \\fIFLAGS\\fR]\n" : "\n", stdout);
}

static void print_options(const struct option *option)
{
    for (; option->kind != OPTION_END; option++) {
        fputs(".TP\n", stdout);
        if (option->short_name)
            printf("\\fB\\-%c\\fR, ", option->short_name);
        fputs("\\fB\\-\\-", stdout);
        print_text(option->name);
        fputs("\\fR", stdout);
        if (option->arg)
            printf(" \\fI%s\\fR", option->arg);
        putchar('\n');
        print_text(option->help);
        putchar('\n');
    }
}

static void print_commands(void)
{
    for (const struct command *const *command = commands; *command; command++) {
        if ((*command)->name[0] == '_')
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

/* `__man commands`, `__man synopsis CMD`, `__man options CMD`, `__man example CMD`. */
static int man(const struct cli *cli, void *args, struct err *err)
{
    (void)args;
    if (strcmp(cli->args[0], "commands") == 0) {
        print_commands();
        return 0;
    }
    if (cli->arg_count < 2)
        return err_set(err, ERR_USAGE, "__man: needs a command's name too");
    const struct command *command = command_find(cli->args[1]);
    if (!command)
        return command_unknown(cli->args[1], err);
    if (strcmp(cli->args[0], "synopsis") == 0) {
        print_synopsis(command);
        return 0;
    }
    if (strcmp(cli->args[0], "example") == 0) {
        print_example(command);
        return 0;
    }
    print_options(command->options);
    print_options(common_options);
    return 0;
}

static const struct option no_options[] = {OPT_END};

extern const struct command man_command;
const struct command man_command = {
    .name = "__man",
    .synopsis = "PART [COMMAND]",
    .summary = "print a part of a man page",
    .min_args = 1,
    .max_args = 2,
    .options = no_options,
    .args_size = 1,
    .run = man,
};
