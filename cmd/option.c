#include "cmd/option.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/size.h"
#include "cmd/suggest.h"
#include "cmd/usage.h"

/* An option and the struct that its offset counts from. */
struct target {
    const struct option *option;
    char *base;
};

struct parser {
    const struct command *command;
    struct cli *cli;
    char *args;
    int argc;
    const char *const *argv;
    int at; /* index of the next word */
    struct err *err;
};

static bool find_in(const struct option *table, char short_name, const char *name, size_t len,
                    const struct option **out)
{
    for (; table->kind != OPTION_END; table++) {
        bool fits = name ? strlen(table->name) == len && strncmp(table->name, name, len) == 0
                         : table->short_name == short_name;
        if (fits) {
            *out = table;
            return true;
        }
    }
    return false;
}

static bool find(const struct parser *parser, char short_name, const char *name, size_t len,
                 struct target *out)
{
    if (find_in(parser->command->options, short_name, name, len, &out->option)) {
        out->base = parser->args;
        return true;
    }
    out->base = (char *)parser->cli;
    return find_in(common_options, short_name, name, len, &out->option);
}

/* The error for a word that is not an option of the command. */
static int unknown_error(const struct parser *parser, const char *text)
{
    const char *name = parser->command->name;
    const char *end = *text && text[strlen(text) - 1] == '?' ? "" : ":";
    if (parser->command->passes_rest)
        return err_set(parser->err, ERR_USAGE,
                       "%s: %s%s flags for the compiler stand behind --: see `wasme help %s`", name,
                       text, end, name);
    return err_set(parser->err, ERR_USAGE, "%s: %s%s see `wasme help %s`", name, text, end, name);
}

static int usage_error(const struct parser *parser, const char *text)
{
    return err_set(parser->err, ERR_USAGE, "%s: %s: see `wasme help %s`", parser->command->name,
                   text, parser->command->name);
}

static int parse_number(const struct parser *parser, const struct option *option, const char *text,
                        int *out)
{
    char *end = NULL;
    errno = 0;
    long number = strtol(text, &end, 10);
    bool fine = strspn(text, "0123456789") == strlen(text) && *text && errno == 0;
    if (!fine || number < option->min || number > option->max) {
        AUTO_FREE char *message = mem_printf("--%s: \"%.80s\" is not a whole number from %d to %d",
                                             option->name, text, option->min, option->max);
        return usage_error(parser, message);
    }
    *out = (int)number;
    return 0;
}

static int parse_size(const struct parser *parser, const struct option *option, const char *text,
                      long long *out)
{
    AUTO_FREE char *name = mem_printf("--%s", option->name);
    int rc = size_parse(name, text, out, parser->err);
    return rc ? err_wrap(parser->err, "%s", parser->command->name) : 0;
}

/* The values of a flag in --flag=VALUE, as the original accepts them. */
static const char *const true_words[] = {"1", "t", "T", "true", "TRUE", "True", NULL};
static const char *const false_words[] = {"0", "f", "F", "false", "FALSE", "False", NULL};

static bool is_word_of(const char *const *words, const char *text)
{
    while (*words && strcmp(*words, text) != 0)
        words++;
    return *words != NULL;
}

static void list_add(struct option_list *list, const char *value)
{
    list->items = mem_resize(list->items, list->count + 2, sizeof(*list->items));
    list->items[list->count++] = value;
    list->items[list->count] = NULL;
}

static int set_value(const struct parser *parser, const struct target *target, const char *value)
{
    void *slot = target->base + target->option->offset;
    switch (target->option->kind) {
    case OPTION_FLAG:
        *(bool *)slot = !value || is_word_of(true_words, value);
        return 0;
    case OPTION_TEXT:
        *(const char **)slot = value;
        return 0;
    case OPTION_LIST:
        list_add(slot, value);
        return 0;
    case OPTION_NUMBER:
        return parse_number(parser, target->option, value, slot);
    case OPTION_SIZE:
        return parse_size(parser, target->option, value, slot);
    case OPTION_END:
        break;
    }
    return 0;
}

/* Takes the value from the same word, or else from the next. */
static int take_value(struct parser *parser, const struct target *target, const char *attached)
{
    if (target->option->kind == OPTION_FLAG)
        return set_value(parser, target, NULL);
    if (!attached) {
        if (parser->at >= parser->argc) {
            AUTO_FREE char *message =
                mem_printf("--%s needs a value %s", target->option->name, target->option->arg);
            return usage_error(parser, message);
        }
        attached = parser->argv[parser->at++];
    }
    return set_value(parser, target, attached);
}

static const char *nearest_option(const struct command *command, const char *given)
{
    struct suggestion suggestion = {.given = given};
    for (const struct option *o = command->options; o->kind != OPTION_END; o++)
        suggest_consider(&suggestion, o->name);
    for (const struct option *o = common_options; o->kind != OPTION_END; o++)
        suggest_consider(&suggestion, o->name);
    return suggestion.nearest;
}

static int unknown_long(const struct parser *parser, const char *name, size_t len)
{
    AUTO_FREE char *given = mem_dup_n(name, len);
    const char *near = nearest_option(parser->command, given);
    AUTO_FREE char *message = near
                                  ? mem_printf("no option --%.80s; did you mean --%s?", given, near)
                                  : mem_printf("no option --%.80s", given);
    return unknown_error(parser, message);
}

static int parse_long(struct parser *parser, const char *name)
{
    size_t len = strcspn(name, "=");
    struct target target;
    if (!find(parser, 0, name, len, &target))
        return unknown_long(parser, name, len);
    const char *attached = name[len] ? name + len + 1 : NULL;
    if (attached && target.option->kind == OPTION_FLAG) {
        if (is_word_of(true_words, attached) || is_word_of(false_words, attached))
            return set_value(parser, &target, attached);
        AUTO_FREE char *message = mem_printf("--%s takes no value", target.option->name);
        return usage_error(parser, message);
    }
    return take_value(parser, &target, attached);
}

static int parse_short(struct parser *parser, const char *letters)
{
    for (; *letters; letters++) {
        struct target target;
        if (!find(parser, *letters, NULL, 0, &target)) {
            AUTO_FREE char *message = mem_printf("no option -%c", *letters);
            return unknown_error(parser, message);
        }
        const char *attached = letters + 1 + (letters[1] == '='); /* the original accepts -t=REF */
        if (target.option->kind != OPTION_FLAG)
            return take_value(parser, &target, letters[1] ? attached : NULL);
        set_value(parser, &target, NULL);
    }
    return 0;
}

static void parse_rest(struct parser *parser)
{
    struct cli *cli = parser->cli;
    for (; parser->at < parser->argc; parser->at++) {
        if (parser->command->passes_rest)
            cli->rest[cli->rest_count++] = parser->argv[parser->at];
        else
            cli->args[cli->arg_count++] = parser->argv[parser->at];
    }
}

static int parse_words(struct parser *parser)
{
    int rc = 0;
    while (!rc && parser->at < parser->argc) {
        const char *word = parser->argv[parser->at++];
        if (strcmp(word, "--") == 0)
            parse_rest(parser);
        else if (strncmp(word, "--", 2) == 0)
            rc = parse_long(parser, word + 2);
        else if (word[0] == '-' && word[1])
            rc = parse_short(parser, word + 1);
        else
            parser->cli->args[parser->cli->arg_count++] = word;
    }
    return rc;
}

static int check_count(const struct parser *parser)
{
    const struct cli *cli = parser->cli;
    const struct positional *positional = parser->command->positionals;
    size_t least = 0, most = 0;
    bool repeated = false;
    for (; positional && positional->name; positional++) {
        most++;
        least += !positional->optional;
        repeated = positional->repeated;
    }
    if (cli->arg_count < least) {
        AUTO_FREE char *synopsis = usage_synopsis(parser->command);
        AUTO_FREE char *message = mem_printf("needs %s", synopsis);
        return usage_error(parser, message);
    }
    if (cli->arg_count > most && !repeated) {
        AUTO_FREE char *message = mem_printf("\"%.80s\" is one argument too many", cli->args[most]);
        return usage_error(parser, message);
    }
    return 0;
}

/* An optional first argument in front of one that is needed gets no word when only the needed
 * words are there. */
static void leave_out_first(const struct parser *parser)
{
    struct cli *cli = parser->cli;
    const struct positional *positional = parser->command->positionals;
    if (!positional || !positional->optional || !positional[1].name || positional[1].optional ||
        cli->arg_count != 1)
        return;
    cli->args[1] = cli->args[0];
    cli->args[0] = NULL;
    cli->arg_count = 2;
}

/* Refuses a value that is not in the closed set; `what` is the name of the argument or option. */
static int check_value(const struct parser *parser, const char *what,
                       const char *(*values)(size_t at), const char *given)
{
    for (size_t i = 0; values(i); i++) {
        if (strcmp(values(i), given) == 0)
            return 0;
    }
    AUTO_FREE char *list = usage_values(values);
    const char *near = suggest_value(values, given);
    return err_set(parser->err, ERR_USAGE, "%s: %s \"%.80s\": choose %s%s%s%s",
                   parser->command->name, what, given, list, near ? "; did you mean " : "",
                   near ? near : "", near ? "?" : "");
}

static int check_arguments(const struct parser *parser)
{
    const struct positional *positional = parser->command->positionals;
    int rc = 0;
    for (size_t i = 0; !rc && i < parser->cli->arg_count; i++) {
        if (positional->values && !positional->open && parser->cli->args[i])
            rc = check_value(parser, positional->name, positional->values, parser->cli->args[i]);
        positional += !positional->repeated;
    }
    return rc;
}

static int check_missing(const struct parser *parser, const struct option *option)
{
    if (option->values) {
        AUTO_FREE char *values = usage_values(option->values);
        return err_set(parser->err, ERR_USAGE, "%s: --%s is missing: choose %s",
                       parser->command->name, option->name, values);
    }
    AUTO_FREE char *message =
        mem_printf("--%s is missing: add --%s %s", option->name, option->name, option->arg);
    return usage_error(parser, message);
}

static int check_option_value(const struct parser *parser, const struct option *option,
                              const char *given)
{
    AUTO_FREE char *what = mem_printf("--%s", option->name);
    AUTO_FREE char *name =
        mem_dup_n(given, option->versioned ? strcspn(given, ":") : strlen(given));
    return check_value(parser, what, option->values, name);
}

static int check_option(const struct parser *parser, const struct option *option)
{
    const void *slot = parser->args + option->offset;
    int rc = 0;
    if (option->kind == OPTION_TEXT) {
        const char *text = *(const char *const *)slot;
        if (!text)
            rc = option->required ? check_missing(parser, option) : 0;
        else if (option->values)
            rc = check_option_value(parser, option, text);
    } else if (option->kind == OPTION_LIST && option->values) {
        const struct option_list *list = slot;
        for (size_t i = 0; !rc && i < list->count; i++)
            rc = check_option_value(parser, option, list->items[i]);
    }
    return rc;
}

static int check(const struct parser *parser)
{
    int rc = check_count(parser);
    if (!rc) {
        leave_out_first(parser);
        rc = check_arguments(parser);
    }
    for (const struct option *o = parser->command->options; !rc && o->kind != OPTION_END; o++)
        rc = check_option(parser, o);
    return rc;
}

static void set_defaults(const struct command *command, char *args)
{
    for (const struct option *o = command->options; o->kind != OPTION_END; o++) {
        void *slot = args + o->offset;
        if (o->kind == OPTION_NUMBER)
            *(int *)slot = (int)o->standard;
        else if (o->kind == OPTION_SIZE)
            *(long long *)slot = o->standard;
    }
}

int options_parse(struct cli *cli, int argc, const char *const *argv, void *args, struct err *err)
{
    cli->args = mem_zero((size_t)argc + 2, sizeof(*cli->args));
    cli->rest = mem_zero((size_t)argc + 1, sizeof(*cli->rest));
    set_defaults(cli->command, args);
    struct parser parser = {cli->command, cli, args, argc, argv, 0, err};
    int rc = parse_words(&parser);
    return rc || cli->help ? rc : check(&parser);
}

void options_release(struct cli *cli, void *args)
{
    free(cli->args);
    free(cli->rest);
    for (const struct option *o = cli->command->options; o->kind != OPTION_END; o++) {
        if (o->kind == OPTION_LIST)
            free(((struct option_list *)(void *)((char *)args + o->offset))->items);
    }
}
