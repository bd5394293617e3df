/* The option tables: they are well-formed, and parsing follows them. */
#include "unit.h"

#include <ctype.h>

#include "cmd/commands.h"
#include "cmd/help.h"
#include "cmd/suggest.h"

struct sample {
    bool flag;
    const char *text;
    struct option_list list;
    int number;
};

static const struct option sample_options[] = {
    OPT_FLAG(struct sample, flag, 'f', "flag", "a flag"),
    OPT_TEXT(struct sample, text, 't', "text", "TEXT", COMPLETE_NONE, "a text"),
    OPT_LIST(struct sample, list, 'l', "list", "ITEM", COMPLETE_NONE, "a list"),
    OPT_NUMBER(struct sample, number, 'n', "number", "N", 1, 10, "a number"),
    OPT_END,
};

static const struct command sample = {.name = "sample",
                                      .synopsis = "A [B]",
                                      .min_args = 1,
                                      .max_args = 2,
                                      .passes_rest = true,
                                      .options = sample_options,
                                      .args_size = sizeof(struct sample)};

/* Parses words separated by spaces; the words live in static memory. */
static int parse(const char *line, struct cli *cli, struct sample *args, struct err *err)
{
    static char words[256];
    static const char *argv[16];
    int argc = 0;
    snprintf(words, sizeof(words), "%s", line);
    for (char *at = words, *word; (word = strsep(&at, " "));) {
        if (*word)
            argv[argc++] = word;
    }
    *args = (struct sample){0};
    return options_parse(&sample, argc, argv, cli, args, err);
}

static void assert_refused(const char *line, const char *reason)
{
    AUTO(err_release) struct err err = ERR_INIT;
    struct sample args;
    struct cli cli;
    assert_int_equal(parse(line, &cli, &args, &err), ERR_USAGE);
    assert_contains(err_text(&err), reason);
    options_release(&sample, &cli, &args);
}

static void options_stand_anywhere(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    struct sample args;
    struct cli cli;
    assert_ok(parse("--text=x=y a -l 1 -ftz --list 2 b -n10 -v -- --flag c", &cli, &args, &err),
              &err);
    assert_true(args.flag);
    assert_string_equal(args.text, "z");
    assert_int_equal(args.list.count, 2);
    assert_string_equal(args.list.items[1], "2");
    assert_null(args.list.items[2]);
    assert_int_equal(args.number, 10);
    assert_true(cli.verbose);
    assert_int_equal(cli.arg_count, 2);
    assert_string_equal(cli.args[1], "b");
    assert_int_equal(cli.rest_count, 2);
    assert_string_equal(cli.rest[0], "--flag");
    options_release(&sample, &cli, &args);
}

static void a_dash_is_an_argument(void **state)
{
    (void)state;
    struct sample args;
    struct cli cli;
    assert_int_equal(parse("- --flag=true", &cli, &args, ERR_IGNORED), 0);
    assert_string_equal(cli.args[0], "-");
    assert_true(args.flag);
    options_release(&sample, &cli, &args);
    assert_int_equal(parse("- --flag=false", &cli, &args, ERR_IGNORED), 0);
    assert_false(args.flag);
    options_release(&sample, &cli, &args);
}

static void help_needs_no_arguments(void **state)
{
    (void)state;
    struct sample args;
    struct cli cli;
    assert_int_equal(parse("-h", &cli, &args, ERR_IGNORED), 0);
    assert_true(cli.help);
    options_release(&sample, &cli, &args);
}

static void mistakes_are_usage_errors(void **state)
{
    (void)state;
    assert_refused("", "needs A [B]");
    assert_refused("a b c", "\"c\" is one argument too many");
    assert_refused("a --flga", "did you mean --flag");
    assert_refused("a --qqqqqqq", "no option --qqqqqqq");
    assert_refused("a -x", "no option -x");
    assert_refused("a --flag=2", "takes no value");
    assert_refused("a --text", "needs a value TEXT");
    assert_refused("a -n 0", "whole number from 1 to 10");
    assert_refused("a -n 11", "whole number from 1 to 10");
    assert_refused("a -n +1", "whole number");
    assert_refused("a -n 99999999999999999999", "whole number");
    assert_refused("a --number=", "whole number");
}

static void near_names_are_suggested(void **state)
{
    (void)state;
    assert_string_equal(suggest_command("lsit"), "list");
    assert_string_equal(suggest_command("pul"), "pull");
    assert_string_equal(suggest_command("inspekt"), "inspect");
    assert_null(suggest_command("zzzzzz"));
    assert_null(suggest_command("__ma"));
    AUTO_FREE char *word = suggest_word("tinygo go cargo", "tinigo");
    assert_string_equal(word, "tinygo");
}

static void check_option(const struct option *option, const char *seen)
{
    assert_non_null(option->name);
    assert_non_null(option->help);
    assert_true(strlen(option->name) >= 2);
    for (const char *c = option->name; *c; c++)
        assert_true(islower((unsigned char)*c) || *c == '-');
    if (option->kind == OPTION_FLAG)
        assert_null(option->arg);
    else
        assert_non_null(option->arg);
    if (option->short_name)
        assert_null(strchr(seen, option->short_name));
    size_t len = strlen(option->help);
    assert_true(len > 0 && option->help[len - 1] != '.');
}

static void check_command(const struct command *command)
{
    char seen[64] = "vh";
    assert_non_null(command->synopsis);
    assert_non_null(command->summary);
    assert_non_null(command->run);
    assert_true(command->args_size > 0);
    assert_true(command->min_args <= command->max_args);
    assert_true((command->words != NULL) == (command->args_complete == COMPLETE_WORDS));
    for (const struct option *o = command->options; o->kind != OPTION_END; o++) {
        check_option(o, seen);
        for (const struct option *p = command->options; p != o; p++)
            assert_string_not_equal(p->name, o->name);
        for (const struct option *p = common_options; p->kind != OPTION_END; p++)
            assert_string_not_equal(p->name, o->name);
        assert_true(o->offset < command->args_size);
        if (o->short_name) {
            size_t len = strlen(seen);
            seen[len] = o->short_name;
            seen[len + 1] = '\0';
        }
    }
}

static void the_tables_are_well_formed(void **state)
{
    (void)state;
    for (const struct command *const *command = commands; *command; command++) {
        check_command(*command);
        assert_ptr_equal(command_find((*command)->name), *command);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_stand_anywhere),   cmocka_unit_test(a_dash_is_an_argument),
        cmocka_unit_test(help_needs_no_arguments),  cmocka_unit_test(mistakes_are_usage_errors),
        cmocka_unit_test(near_names_are_suggested), cmocka_unit_test(the_tables_are_well_formed),
    };
    return cmocka_run_group_tests_name("option", tests, NULL, NULL);
}
