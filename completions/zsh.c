#include "completions/completions.h"

#include "base/buf.h"
#include "base/mem.h"
#include "cmd/usage.h"

/* The action for a closed set: "(oci compat)". */
static char *words_action(const char *(*values)(size_t at))
{
    struct buf words = BUF_INIT(4096);
    for (size_t i = 0; values(i); i++)
        buf_printf(&words, "%s%s", i ? " " : "(", values(i));
    buf_add_char(&words, ')');
    return buf_steal(&words);
}

/* The action for a closed set and files: "{compadd oci compat; _files}". */
static char *words_or_files_action(const char *(*values)(size_t at))
{
    struct buf words = BUF_INIT(4096);
    buf_add_text(&words, "{compadd --");
    for (size_t i = 0; values(i); i++)
        buf_printf(&words, " %s", values(i));
    buf_add_text(&words, "; _files}");
    return buf_steal(&words);
}

/* The action part of an _arguments specification (zshcompsys(1)). */
static char *action(enum complete complete, const char *(*values)(size_t at))
{
    if (values && complete == COMPLETE_FILE)
        return words_or_files_action(values);
    if (values)
        return words_action(values);
    switch (complete) {
    case COMPLETE_REF:
        return mem_dup("_wasme_refs");
    case COMPLETE_FILE:
        return mem_dup("_files");
    case COMPLETE_DIR:
        return mem_dup("_files -/");
    case COMPLETE_REF_OR_FILE:
        return mem_dup("_wasme_refs_or_files");
    case COMPLETE_REF_OR_DIR:
        return mem_dup("_wasme_refs_or_files -/");
    case COMPLETE_NONE:
        break;
    }
    return mem_dup(" ");
}

static void print_option(const struct option *option, FILE *out)
{
    AUTO_FREE char *text = usage_option_help(option);
    AUTO_FREE char *help = completions_escape(text, "[]:\\");
    const char *many = option->kind == OPTION_LIST ? "*" : "";
    /* The value of -t+ and --tag= may stand in the same word or in the next. */
    const char *plus = option->arg ? "+" : "", *equals = option->arg ? "=" : "";
    fputs("            ", out);
    if (option->short_name && !*many)
        fprintf(out, "'(-%c --%s)'{-%c%s,--%s%s}", option->short_name, option->name,
                option->short_name, plus, option->name, equals);
    else if (option->short_name)
        fprintf(out, "'*'{-%c%s,--%s%s}", option->short_name, plus, option->name, equals);
    else
        fprintf(out, "'%s--%s%s'", many, option->name, equals);
    AUTO_FREE char *quoted = completions_escape(help, "\"$`");
    fprintf(out, "\"[%s]", quoted);
    if (option->arg) {
        AUTO_FREE char *act = action(option->complete, option->values);
        fprintf(out, ":%s:%s", option->arg, act);
    }
    fputs("\" \\\n", out);
}

static void print_options(const struct option *option, FILE *out)
{
    for (; option->kind != OPTION_END; option++)
        print_option(option, out);
}

/* Whether the word at that place may be missing: with an optional first argument in front of a
 * needed one, that is the last word. */
static bool optional(const struct command *command, size_t at)
{
    const struct positional *p = command->positionals;
    bool first = p->optional && p[1].name && !p[1].optional;
    return first ? at > 0 : p[at].optional;
}

static void print_arguments(const struct command *command, FILE *out)
{
    const struct positional *p = command->positionals;
    for (size_t i = 1; p && p->name; p++, i++) {
        AUTO_FREE char *act = action(p->complete, p->values);
        if (p->repeated)
            fprintf(out, " '*:%s:%s'", p->name, act);
        else
            fprintf(out, " '%zu%s%s:%s'", i, optional(command, i - 1) ? "::" : ":", p->name, act);
    }
    if (command->passes_rest)
        fputs(" '*:flag:_files'", out);
    fputs(command->positionals ? "\n" : " ':: :'\n", out);
}

static void print_command(const struct command *command, FILE *out)
{
    fprintf(out, "    %s)\n        _arguments -s -S \\\n", command->name);
    print_options(command->options, out);
    print_options(common_options, out);
    fputs("           ", out);
    print_arguments(command, out);
    fputs("        ;;\n", out);
}

static const char head[] =
    "#compdef wasme\n\n"
    "# The references of the store that the line names; only a leading ~/ is expanded in its name.\n"
    "_wasme_refs() {\n"
    "    local -a refs store\n"
    "    local -i i\n"
    "    for (( i = 2; i <= $#words; i++ )); do\n"
    "        case $words[i] in\n"
    "        --store) store=(\"--store=${${(Q)words[i+1]}/#\\~\\//$HOME/}\") ;;\n"
    "        --store=*) store=(\"${(Q)words[i]}\") ;;\n"
    "        esac\n"
    "    done\n"
    "    refs=(${(f)\"$(wasme __complete $store 2>/dev/null)\"})\n"
    "    (( $#refs )) && compadd \"${(@)argv:#-/}\" -a refs\n"
    "}\n\n"
    "_wasme_refs_or_files() {\n"
    "    local -i ret=1\n"
    "    _wasme_refs \"$@\" && ret=0\n"
    "    _files \"$@\" && ret=0\n"
    "    return ret\n"
    "}\n\n"
    "_wasme_commands() {\n"
    "    local -a commands\n"
    "    commands=(\n";

static const char middle[] = "    )\n"
                             "    _describe command commands\n"
                             "}\n\n"
                             "_wasme() {\n"
                             "    while (( CURRENT > 2 )) && [[ $words[2] == -* ]]; do\n"
                             "        words[2]=()\n"
                             "        (( CURRENT-- ))\n"
                             "    done\n"
                             "    if (( CURRENT == 2 )); then\n"
                             "        _wasme_commands\n"
                             "        return\n"
                             "    fi\n"
                             "    shift words\n"
                             "    (( CURRENT-- ))\n"
                             "    case $words[1] in\n";

static const char tail[] = "    esac\n"
                           "}\n\n"
                           "if [[ $funcstack[1] == _wasme ]]; then\n"
                           "    _wasme \"$@\"\n"
                           "else\n"
                           "    compdef _wasme wasme\n"
                           "fi\n";

void completions_zsh(const struct command *const *commands, FILE *out)
{
    fputs(head, out);
    for (const struct command *const *c = completions_visible(commands); c;
         c = completions_visible(c + 1)) {
        AUTO_FREE char *summary = completions_escape((*c)->summary, ":'");
        fprintf(out, "        '%s:%s'\n", (*c)->name, summary);
    }
    fputs(middle, out);
    for (const struct command *const *c = completions_visible(commands); c;
         c = completions_visible(c + 1))
        print_command(*c, out);
    fputs(tail, out);
}
