#include "completions/completions.h"

#include "base/mem.h"

/* What the script's functions call a kind of value. */
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
    case COMPLETE_NONE:
    case COMPLETE_WORDS:
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

static void print_value(const struct command *command, const struct option *option, FILE *out)
{
    fprintf(out, "    '%s --%s'", command->name, option->name);
    if (option->short_name)
        fprintf(out, " | '%s -%c'", command->name, option->short_name);
    fprintf(out, ") echo %s ;;\n", kind_word(option->complete));
}

static void print_values(const struct command *const *commands, FILE *out)
{
    fputs("# What belongs behind an option; nothing for a flag.\n"
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

static void print_arguments(const struct command *const *commands, FILE *out)
{
    fputs("# What belongs where no option does; $2 tells how many arguments stand before.\n"
          "_wasme_argument() {\n    case \"$1 $2\" in\n",
          out);
    for (const struct command *const *c = completions_visible(commands); c;
         c = completions_visible(c + 1)) {
        if ((*c)->args_complete == COMPLETE_WORDS) {
            AUTO_FREE char *words = (*c)->words();
            fprintf(out, "    '%s 0') echo \"words %s\" ;;\n", (*c)->name, words);
            fprintf(out, "    '%s '*) echo %s ;;\n", (*c)->name,
                    kind_word((*c)->later_args_complete));
        } else {
            fprintf(out, "    '%s '*) echo %s ;;\n", (*c)->name, kind_word((*c)->args_complete));
        }
    }
    fputs("    esac\n}\n\n", out);
}

static const char engine[] =
    "_wasme_offer() {\n"
    "    local current=$1 kind\n"
    "    shift\n"
    "    if [[ $1 == words ]]; then\n"
    "        shift\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$*\" -- \"$current\")\n"
    "        return\n"
    "    fi\n"
    "    local -a found=()\n"
    "    for kind in \"$@\"; do\n"
    "        case $kind in\n"
    "        ref) mapfile -t -O \"${#found[@]}\" found < <(\n"
    "            compgen -W \"$(wasme __complete 2>/dev/null)\" -- \"$current\") ;;\n"
    "        file) compopt -o filenames 2>/dev/null\n"
    "            mapfile -t -O \"${#found[@]}\" found < <(compgen -f -- \"$current\") ;;\n"
    "        dir) compopt -o filenames 2>/dev/null\n"
    "            mapfile -t -O \"${#found[@]}\" found < <(compgen -d -- \"$current\") ;;\n"
    "        esac\n"
    "    done\n"
    "    COMPREPLY=(\"${found[@]}\")\n"
    "    # bash replaces only what follows the last colon of the word\n"
    "    if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then\n"
    "        local before=${current%\"${current##*:}\"}\n"
    "        COMPREPLY=(\"${COMPREPLY[@]#\"$before\"}\")\n"
    "    fi\n"
    "}\n\n"
    "_wasme() {\n"
    "    local line=${COMP_LINE:0:COMP_POINT} current previous command='' word value\n"
    "    local -a words\n"
    "    local -i arguments=0 i\n"
    "    read -ra words <<<\"$line\"\n"
    "    [[ $line == *[[:space:]] ]] && words+=('')\n"
    "    current=${words[${#words[@]} - 1]}\n"
    "    previous=''\n"
    "    COMPREPLY=()\n"
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
    "        elif [[ $word == -* ]]; then\n"
    "            previous=$word\n"
    "        else\n"
    "            arguments+=1\n"
    "        fi\n"
    "    done\n"
    "    if [[ -z $command ]]; then\n"
    "        _wasme_offer \"$current\" words \"$_wasme_commands\"\n"
    "        return\n"
    "    fi\n"
    "    value=''\n"
    "    [[ -n $previous ]] && value=$(_wasme_value \"$command\" \"$previous\")\n"
    "    if [[ -z $value && $current == --*=* ]]; then\n"
    "        value=$(_wasme_value \"$command\" \"${current%%=*}\")\n"
    "        current=${current#*=}\n"
    "    fi\n"
    "    if [[ -n $value ]]; then\n"
    "        # shellcheck disable=SC2086 # a list of kinds\n"
    "        _wasme_offer \"$current\" $value\n"
    "    elif [[ $current == -* ]]; then\n"
    "        _wasme_offer \"$current\" words \"$(_wasme_options \"$command\")\"\n"
    "    else\n"
    "        # shellcheck disable=SC2046 # a list of kinds\n"
    "        _wasme_offer \"$current\" $(_wasme_argument \"$command\" \"$arguments\")\n"
    "    fi\n"
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
    fputs(engine, out);
}
