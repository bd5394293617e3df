#include "completions/completions.h"

#include "base/mem.h"
#include "cmd/usage.h"

/* The options of `complete` that offer a kind of value; NULL: none. */
static const char *kind_offer(enum complete complete)
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
        break;
    }
    return NULL;
}

static bool offers_files(enum complete complete)
{
    return complete == COMPLETE_FILE || complete == COMPLETE_REF_OR_FILE;
}

/* Prints the options of `complete` that offer a kind, the values of a closed set, or both. */
static void print_offer(enum complete complete, const char *(*values)(size_t at), FILE *out)
{
    const char *kind = kind_offer(complete);
    fputs(kind ? kind : "", out);
    if (!values)
        return;
    fputs(" -a '", out);
    for (size_t i = 0; values(i); i++)
        fprintf(out, "%s%s", i ? " " : "", values(i));
    fputs("'", out);
}

static void print_options(const struct command *command, const struct option *option, FILE *out)
{
    for (; option->kind != OPTION_END; option++) {
        fprintf(out, "complete -c wasme -n '__wasme_in %s' -l %s", command->name, option->name);
        if (option->short_name)
            fprintf(out, " -s %c", option->short_name);
        if (option->arg) {
            fputs(offers_files(option->complete) ? " -r" : " -x", out);
            print_offer(option->complete, option->values, out);
        }
        AUTO_FREE char *help = usage_option_help(option);
        AUTO_FREE char *escaped = completions_escape(help, "'\\");
        fprintf(out, " -d '%s'\n", escaped);
    }
}

/* Prints the condition that `before` arguments stand on the line. The script gets the options that
 * take a value, since such a value is no argument. */
static void print_place(const struct command *command, size_t before, FILE *out)
{
    fprintf(out, "; and __wasme_arguments %zu", before);
    for (const struct option *o = command->options; o->kind != OPTION_END; o++) {
        if (!o->arg)
            continue;
        fprintf(out, " --%s", o->name);
        if (o->short_name)
            fprintf(out, " -%c", o->short_name);
    }
}

static void print_arguments(const struct command *command, FILE *out)
{
    const struct positional *p = command->positionals;
    for (size_t i = 0; p && p->name; p++, i++) {
        if (!p->values && p->complete == COMPLETE_NONE)
            continue;
        fprintf(out, "complete -c wasme -n '__wasme_in %s", command->name);
        if (!p->repeated)
            print_place(command, i, out);
        fputs("'", out);
        print_offer(p->complete, p->values, out);
        fputs("\n", out);
    }
    if (command->passes_rest) /* files for another program */
        fprintf(out,
                "complete -c wasme -n '__wasme_in %s; and contains -- -- (commandline -opc)' -F\n",
                command->name);
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
    "# Whether $argv[1] arguments stand behind the command; the other words of $argv are the options\n"
    "# that take a value.\n"
    "function __wasme_arguments\n"
    "    set -l words (commandline -opc)\n"
    "    set -e words[1]\n"
    "    set -l previous ''\n"
    "    set -l arguments\n"
    "    for word in $words\n"
    "        if contains -- $previous $argv[2..-1]\n"
    "            set previous ''\n"
    "            continue\n"
    "        end\n"
    "        set previous $word\n"
    "        string match -q -- '-*' $word; or set -a arguments $word\n"
    "    end\n"
    "    test (count $arguments[2..-1]) -eq $argv[1]\n"
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
