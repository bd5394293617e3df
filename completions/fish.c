#include "completions/completions.h"

#include "base/mem.h"

/* What fish offers for a kind of value; NULL: nothing. */
static const char *offer(enum complete complete)
{
    switch (complete) {
    case COMPLETE_REF:
        return " -a '(__wasme_refs)'";
    case COMPLETE_FILE:
        return " -F";
    case COMPLETE_DIR:
        return " -a '(__fish_complete_directories)'";
    case COMPLETE_REF_OR_FILE:
        return " -F -a '(__wasme_refs)'";
    case COMPLETE_REF_OR_DIR:
        return " -a '(__wasme_refs) (__fish_complete_directories)'";
    case COMPLETE_NONE:
    case COMPLETE_WORDS:
        break;
    }
    return NULL;
}

static bool offers_files(enum complete complete)
{
    return complete == COMPLETE_FILE || complete == COMPLETE_REF_OR_FILE;
}

static void print_options(const struct command *command, const struct option *option, FILE *out)
{
    for (; option->kind != OPTION_END; option++) {
        fprintf(out, "complete -c wasme -n '__wasme_in %s' -l %s", command->name, option->name);
        if (option->short_name)
            fprintf(out, " -s %c", option->short_name);
        if (option->arg) {
            const char *values = offer(option->complete);
            fprintf(out, "%s%s", offers_files(option->complete) ? " -r" : " -x",
                    values ? values : "");
        }
        AUTO_FREE char *help = completions_escape(option->help, "'\\");
        fprintf(out, " -d '%s'\n", help);
    }
}

/* The condition that holds until the first argument is given; its words are the options with a
 * value, for such a value is no argument. */
static void print_first(const struct option *option, FILE *out)
{
    fputs("__wasme_first", out);
    for (; option->kind != OPTION_END; option++) {
        if (!option->arg)
            continue;
        fprintf(out, " --%s", option->name);
        if (option->short_name)
            fprintf(out, " -%c", option->short_name);
    }
}

static void print_words(const struct command *command, FILE *out)
{
    AUTO_FREE char *words = command->words();
    fprintf(out, "complete -c wasme -n '__wasme_in %s; and ", command->name);
    print_first(command->options, out);
    fprintf(out, "' -a '%s'\n", words);
    const char *later = offer(command->later_args_complete);
    if (!later)
        return;
    fprintf(out, "complete -c wasme -n '__wasme_in %s; and not ", command->name);
    print_first(command->options, out);
    fprintf(out, "'%s\n", later);
}

static void print_arguments(const struct command *command, FILE *out)
{
    const char *values = offer(command->args_complete);
    if (command->args_complete == COMPLETE_WORDS)
        print_words(command, out);
    else if (values)
        fprintf(out, "complete -c wasme -n '__wasme_in %s'%s\n", command->name, values);
}

static const char head[] =
    "# fish completion for wasme\n\n"
    "function __wasme_in\n"
    "    set -l words (commandline -opc)\n"
    "    set -e words[1]\n"
    "    while string match -q -- '-*' \"$words[1]\"\n"
    "        set -e words[1]\n"
    "    end\n"
    "    test \"$words[1]\" = $argv[1]\n"
    "end\n\n"
    "# Whether no argument stands behind the command yet; $argv are the options with a value.\n"
    "function __wasme_first\n"
    "    set -l words (commandline -opc)\n"
    "    set -e words[1]\n"
    "    set -l previous ''\n"
    "    set -l arguments\n"
    "    for word in $words\n"
    "        if contains -- $previous $argv\n"
    "            set previous ''\n"
    "            continue\n"
    "        end\n"
    "        set previous $word\n"
    "        string match -q -- '-*' $word; or set -a arguments $word\n"
    "    end\n"
    "    test (count $arguments) -eq 1\n"
    "end\n\n"
    "# The references of the store that the line names.\n"
    "function __wasme_refs\n"
    "    set -l words (commandline -op)\n"
    "    set -l store\n"
    "    set -l previous ''\n"
    "    for word in $words\n"
    "        if test \"$previous\" = --store\n"
    "            set store --store=(string replace -r '^~/' $HOME/ -- $word)\n"
    "        else if string match -q -- '--store=*' $word\n"
    "            set store $word\n"
    "        end\n"
    "        set previous $word\n"
    "    end\n"
    "    wasme __complete $store 2>/dev/null\n"
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
