#include "completions/completions.h"

/* The word of the script for a kind of value. */
static const char *kind_word(enum complete complete)
{
    switch (complete) {
    case COMPLETE_REF:
        return "ref";
    case COMPLETE_FILE:
        return "file";
    case COMPLETE_DIR:
        return "dir";
    case COMPLETE_REF_OR_FILE:
        return "ref file";
    case COMPLETE_REF_OR_DIR:
        return "ref dir";
    case COMPLETE_NONE:
        break;
    }
    return "none";
}

static void print_option_names(const struct option *option, FILE *out)
{
    for (; option->kind != OPTION_END; option++)
        fprintf(out, " --%s", option->name);
}

static void print_options(const struct command *const *commands, FILE *out)
{
    fputs("_wasme_options() {\n    case $1 in\n", out);
    for (const struct command *const *c = completions_visible(commands); c;
         c = completions_visible(c + 1)) {
        fprintf(out, "    %s) echo \"", (*c)->name);
        print_option_names((*c)->options, out);
        print_option_names(common_options, out);
        fputs("\" ;;\n", out);
    }
    fputs("    esac\n}\n\n", out);
}

/* Prints `echo KIND`, or `echo words` and the values of a closed set; "file words" offers both. */
static void print_kind(enum complete complete, const char *(*values)(size_t at), FILE *out)
{
    if (values && complete != COMPLETE_NONE)
        fprintf(out, "echo %s words", kind_word(complete));
    else
        fprintf(out, "echo %s", values ? "words" : kind_word(complete));
    for (size_t i = 0; values && values(i); i++)
        fprintf(out, " %s", values(i));
    fputs(" ;;\n", out);
}

static void print_value(const struct command *command, const struct option *option, FILE *out)
{
    fprintf(out, "    '%s --%s'", command->name, option->name);
    if (option->short_name)
        fprintf(out, " | '%s -%c'", command->name, option->short_name);
    fputs(") ", out);
    print_kind(option->complete, option->values, out);
}

static void print_values(const struct command *const *commands, FILE *out)
{
    fputs("# The kind of value that belongs behind an option; nothing for a flag.\n"
          "_wasme_value() {\n    case \"$1 $2\" in\n",
          out);
    for (const struct command *const *c = completions_visible(commands); c;
         c = completions_visible(c + 1)) {
        for (const struct option *o = (*c)->options; o->kind != OPTION_END; o++) {
            if (o->arg)
                print_value(*c, o, out);
        }
    }
    fputs("    esac\n}\n\n", out);
}

/* Prints the arguments of a command by their number, and offers files behind "--". */
static void print_positionals(const struct command *command, FILE *out)
{
    const struct positional *p = command->positionals;
    for (size_t i = 0; p && p->name; p++, i++) {
        if (p->repeated)
            fprintf(out, "    '%s '*) ", command->name);
        else
            fprintf(out, "    '%s %zu') ", command->name, i);
        print_kind(p->complete, p->values, out);
    }
    if (command->passes_rest)
        fprintf(out, "    '%s '*) echo file ;;\n", command->name);
}

static void print_arguments(const struct command *const *commands, FILE *out)
{
    fputs("# The kind of argument at a place; $2 tells how many arguments stand before it.\n"
          "_wasme_argument() {\n    case \"$1 $2\" in\n",
          out);
    for (const struct command *const *c = completions_visible(commands); c;
         c = completions_visible(c + 1))
        print_positionals(*c, out);
    fputs("    esac\n}\n\n", out);
}

static const char offering[] =
    "# Offers the words behind $1 that begin with $1. References come from files that others\n"
    "# may have written: nothing here expands a word.\n"
    "_wasme_match() {\n"
    "    local word\n"
    "    for word in \"${@:2}\"; do\n"
    "        [[ $word == \"$1\"* ]] && COMPREPLY+=(\"$word\")\n"
    "    done\n"
    "}\n\n"
    "# The folder behind --store; only a leading ~/ is expanded.\n"
    "_wasme_store() {\n"
    "    local word previous='' store=''\n"
    "    local -a words\n"
    "    read -ra words <<<\"$COMP_LINE\"\n"
    "    for word in \"${words[@]}\"; do\n"
    "        [[ $previous == --store ]] && store=$word\n"
    "        [[ $word == --store=* ]] && store=${word#*=}\n"
    "        previous=$word\n"
    "    done\n"
    "    [[ $store == \\~/* ]] && store=$HOME/${store:2}\n"
    "    printf '%s\\n' \"$store\"\n"
    "}\n\n"
    "_wasme_refs() {\n"
    "    local store\n"
    "    local -a refs\n"
    "    store=$(_wasme_store)\n"
    "    mapfile -t refs < <(wasme __complete ${store:+\"--store=$store\"} 2>/dev/null)\n"
    "    _wasme_match \"$1\" \"${refs[@]}\"\n"
    "}\n\n"
    "# bash quotes file names itself, but would then quote references among them too.\n"
    "_wasme_paths() {\n"
    "    local path\n"
    "    local -a paths\n"
    "    mapfile -t paths < <(compgen \"$2\" -- \"$1\")\n"
    "    if ((${#COMPREPLY[@]} == 0)); then\n"
    "        compopt -o filenames 2>/dev/null\n"
    "        COMPREPLY=(\"${paths[@]}\")\n"
    "        return\n"
    "    fi\n"
    "    for path in \"${paths[@]}\"; do\n"
    "        printf -v path %q \"$path\"\n"
    "        COMPREPLY+=(\"$path\")\n"
    "    done\n"
    "}\n\n"
    "# _wasme_offer LEAD CURRENT KIND...: offers what fits CURRENT, which LEAD precedes in the word.\n"
    "_wasme_offer() {\n"
    "    local lead=$1 current=$2 breaks='' before='' char reply\n"
    "    local -i i\n"
    "    shift 2\n"
    "    if [[ ${1:-} == words ]]; then\n"
    "        _wasme_match \"$current\" \"${@:2}\"\n"
    "    else\n"
    "        [[ ${2:-} == words ]] && _wasme_match \"$current\" \"${@:3}\"\n"
    "        [[ \" $* \" == *' ref '* ]] && _wasme_refs \"$current\"\n"
    "        [[ \" $* \" == *' file '* ]] && _wasme_paths \"$current\" -f\n"
    "        [[ \" $* \" == *' dir '* ]] && _wasme_paths \"$current\" -d\n"
    "    fi\n"
    "    # bash replaces only what follows the last of its word breaks\n"
    "    for char in @ : =; do\n"
    "        [[ $COMP_WORDBREAKS == *\"$char\"* ]] && breaks+=$char\n"
    "    done\n"
    "    current=$lead$current\n"
    "    [[ -n $breaks ]] && before=${current%\"${current##*[\"$breaks\"]}\"}\n"
    "    for ((i = 0; i < ${#COMPREPLY[@]}; i++)); do\n"
    "        reply=$lead${COMPREPLY[i]}\n"
    "        COMPREPLY[i]=${reply#\"$before\"}\n"
    "    done\n"
    "}\n\n";

static const char engine[] =
    "_wasme() {\n"
    "    local IFS=$' \\t\\n' line=${COMP_LINE:0:COMP_POINT}\n"
    "    local current previous='' command='' ended='' lead='' word value\n"
    "    local -a words kinds\n"
    "    local -i arguments=0 i\n"
    "    COMPREPLY=()\n"
    "    read -ra words <<<\"$line\"\n"
    "    [[ $line == *[[:space:]] ]] && words+=('')\n"
    "    current=${words[${#words[@]} - 1]}\n"
    "    for ((i = 1; i < ${#words[@]} - 1; i++)); do\n"
    "        word=${words[i]}\n"
    "        if [[ -z $command ]]; then\n"
    "            [[ $word == -* ]] || command=$word\n"
    "            continue\n"
    "        fi\n"
    "        value=''\n"
    "        [[ -n $previous ]] && value=$(_wasme_value \"$command\" \"$previous\")\n"
    "        previous=''\n"
    "        if [[ -n $value ]]; then\n"
    "            continue\n"
    "        elif [[ -z $ended && $word == -- ]]; then\n"
    "            ended=1\n"
    "        elif [[ -z $ended && $word == -* ]]; then\n"
    "            previous=$word\n"
    "        else\n"
    "            arguments+=1\n"
    "        fi\n"
    "    done\n"
    "    value=''\n"
    "    [[ -n $previous ]] && value=$(_wasme_value \"$command\" \"$previous\")\n"
    "    if [[ -z $command ]]; then\n"
    "        value=\"words $_wasme_commands\"\n"
    "    elif [[ -n $value ]]; then\n"
    "        :\n"
    "    elif [[ -z $ended && $current == --*=* ]]; then\n"
    "        value=$(_wasme_value \"$command\" \"${current%%=*}\")\n"
    "        lead=${current%%=*}=\n"
    "        current=${current#*=}\n"
    "    elif [[ -z $ended && $current == -* ]]; then\n"
    "        value=\"words $(_wasme_options \"$command\")\"\n"
    "    else\n"
    "        value=$(_wasme_argument \"$command\" \"$arguments\")\n"
    "    fi\n"
    "    read -ra kinds <<<\"$value\"\n"
    "    _wasme_offer \"$lead\" \"$current\" \"${kinds[@]}\"\n"
    "}\n\n"
    "complete -F _wasme wasme\n";

void completions_bash(const struct command *const *commands, FILE *out)
{
    fputs("# bash completion for wasme\n\n_wasme_commands='", out);
    for (const struct command *const *c = completions_visible(commands); c;
         c = completions_visible(c + 1))
        fprintf(out, "%s%s", c == commands ? "" : " ", (*c)->name);
    fputs("'\n\n", out);
    print_options(commands, out);
    print_values(commands, out);
    print_arguments(commands, out);
    fputs(offering, out);
    fputs(engine, out);
}
