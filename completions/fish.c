#include "completions/completions.h"

#include "base/mem.h"

static void print_value(enum complete complete, FILE *out)
{
    switch (complete) {
    case COMPLETE_REF:
        fputs(" -x -a '(wasme __complete 2>/dev/null)'", out);
        return;
    case COMPLETE_FILE:
        fputs(" -r -F", out);
        return;
    case COMPLETE_DIR:
        fputs(" -x -a '(__fish_complete_directories)'", out);
        return;
    case COMPLETE_REF_OR_FILE:
        fputs(" -r -F -a '(wasme __complete 2>/dev/null)'", out);
        return;
    case COMPLETE_NONE:
    case COMPLETE_WORDS:
        fputs(" -x", out);
        return;
    }
}

static void print_options(const struct command *command, const struct option *option, FILE *out)
{
    for (; option->kind != OPTION_END; option++) {
        fprintf(out, "complete -c wasme -n '__wasme_in %s' -l %s", command->name, option->name);
        if (option->short_name)
            fprintf(out, " -s %c", option->short_name);
        if (option->arg)
            print_value(option->complete, out);
        AUTO_FREE char *help = completions_escape(option->help, "'\\");
        fprintf(out, " -d '%s'\n", help);
    }
}

static void print_arguments(const struct command *command, FILE *out)
{
    const char *name = command->name;
    switch (command->args_complete) {
    case COMPLETE_WORDS: {
        AUTO_FREE char *words = command->words();
        fprintf(out, "complete -c wasme -n '__wasme_in %s; and __wasme_first' -a '%s'\n", name,
                words);
        if (command->later_args_complete == COMPLETE_FILE)
            fprintf(out, "complete -c wasme -n '__wasme_in %s; and not __wasme_first' -F\n", name);
        return;
    }
    case COMPLETE_FILE:
    case COMPLETE_REF_OR_FILE:
    case COMPLETE_DIR:
        fprintf(out, "complete -c wasme -n '__wasme_in %s' -F\n", name);
        break;
    case COMPLETE_REF:
    case COMPLETE_NONE:
        break;
    }
    if (command->args_complete == COMPLETE_REF || command->args_complete == COMPLETE_REF_OR_FILE)
        fprintf(out, "complete -c wasme -n '__wasme_in %s' -a '(wasme __complete 2>/dev/null)'\n",
                name);
}

static const char head[] = "# fish completion for wasme\n\n"
                           "function __wasme_in\n"
                           "    set -l words (commandline -opc)\n"
                           "    test (count $words) -ge 2; and test $words[2] = $argv[1]\n"
                           "end\n\n"
                           "function __wasme_first\n"
                           "    test (count (commandline -opc | string match -v -- '-*')) -eq 2\n"
                           "end\n\n"
                           "complete -c wasme -f\n";

void completions_fish(const struct command *const *commands, FILE *out)
{
    fputs(head, out);
    for (const struct command *const *c = completions_visible(commands); c;
         c = completions_visible(c + 1)) {
        AUTO_FREE char *summary = completions_escape((*c)->summary, "'\\");
        fprintf(out, "complete -c wasme -n __fish_use_subcommand -a %s -d '%s'\n", (*c)->name,
                summary);
    }
    for (const struct command *const *c = completions_visible(commands); c;
         c = completions_visible(c + 1)) {
        print_options(*c, (*c)->options, out);
        print_options(*c, common_options, out);
        print_arguments(*c, out);
    }
}
