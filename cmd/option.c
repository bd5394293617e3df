#include "cmd/option.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/suggest.h"

const struct option common_options[] = {
    OPT_FLAG(struct cli, verbose, 'v', "verbose", "say more of what is done"),
    OPT_FLAG(struct cli, help, 'h', "help", "show this help"),
    OPT_END,
};

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

/* A word that no option of the command is. */
static int unknown_error(const struct parser *parser, const char *text)
{
    const char *name = parser->command->name;
    if (parser->command->passes_rest)
        return err_set(parser->err, ERR_USAGE,
                       "%s: %s: flags for the compiler stand behind --: see `wasme help %s`", name,
                       text, name);
    return err_set(parser->err, ERR_USAGE, "%s: %s: see `wasme help %s`", name, text, name);
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

/* What the original's flags took as --flag=VALUE. */
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
    case OPTION_END:
        break;
    }
    return 0;
}

/* The value in the same word, or else the next word. */
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

static int unknown_long(const struct parser *parser, const char *name, size_t len)
{
    AUTO_FREE char *given = mem_dup_n(name, len);
    const char *near = suggest_option(parser->command, given);
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
        const char *attached = letters + 1 + (letters[1] == '='); /* -t=REF, as the original */
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
    const struct command *command = parser->command;
    size_t count = parser->cli->arg_count;
    if (count < command->min_args) {
        AUTO_FREE char *message = mem_printf("needs %s", command->synopsis);
        return usage_error(parser, message);
    }
    if (count > command->max_args) {
        AUTO_FREE char *message =
            mem_printf("\"%.80s\" is one argument too many", parser->cli->args[command->max_args]);
        return usage_error(parser, message);
    }
    return 0;
}

int options_parse(const struct command *command, int argc, const char *const *argv, struct cli *cli,
                  void *args, struct err *err)
{
    *cli = (struct cli){.command = command};
    cli->args = mem_zero((size_t)argc + 1, sizeof(*cli->args));
    cli->rest = mem_zero((size_t)argc + 1, sizeof(*cli->rest));
    struct parser parser = {command, cli, args, argc, argv, 0, err};
    int rc = parse_words(&parser);
    return rc || cli->help ? rc : check_count(&parser);
}

void options_release(const struct command *command, struct cli *cli, void *args)
{
    free(cli->args);
    free(cli->rest);
    for (const struct option *option = command->options; option->kind != OPTION_END; option++) {
        if (option->kind == OPTION_LIST)
            free(((struct option_list *)(void *)((char *)args + option->offset))->items);
    }
}
