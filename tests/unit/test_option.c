/* Parsing, help and suggestions follow the option tables. */
#include "unit.h"

#include "base/mem.h"
#include "cmd/command_names.h"
#include "cmd/commands.h"
#include "cmd/option.h"
#include "cmd/size.h"
#include "cmd/suggest.h"
#include "cmd/usage.h"

struct sample {
    bool flag;
    const char *text;
    struct option_list list;
    int number;
    const char *colour;
    struct option_list shapes;
    long long size;
};

static const char *colour(size_t at)
{
    static const char *const colours[] = {"red", "green", "blue"};
    return at < COUNT(colours) ? colours[at] : NULL;
}

static const char *shape(size_t at)
{
    return at == 0 ? "round" : NULL;
}

static const struct option sample_options[] = {
    OPT_FLAG(struct sample, flag, 'f', "flag", "a flag"),
    OPT_TEXT(struct sample, text, 't', "text", "TEXT", COMPLETE_NONE, "a text"),
    OPT_LIST(struct sample, list, 'l', "list", "ITEM", COMPLETE_NONE, "a list"),
    OPT_NUMBER(struct sample, number, 'n', "number", "N", 1, 10, 4, "a number"),
    OPT_TEXT(struct sample, colour, 0, "colour", "NAME", COMPLETE_NONE, "a colour",
             .values = colour, .otherwise = "none"),
    OPT_LIST(struct sample, shapes, 0, "shape", "NAME", COMPLETE_NONE, "a shape", .values = shape,
             .group = GROUP_STORE),
    OPT_SIZE(struct sample, size, 0, "size", "SIZE", 2048, "a size"),
    OPT_END,
};

static const struct command sample = {
    .name = "sample",
    .positionals = POSITIONALS({.name = "A", .help = "the first"},
                               {.name = "B", .help = "the second", .optional = true}),
    .passes_rest = true,
    .options = sample_options,
    .args_size = sizeof(struct sample),
};

/* Every value belongs to a closed set or is required. */
static const struct option strict_options[] = {
    OPT_TEXT(struct sample, colour, 0, "colour", "NAME", COMPLETE_NONE, "a colour",
             .values = colour, .required = true),
    OPT_TEXT(struct sample, text, 't', "text", "TEXT", COMPLETE_NONE, "a text", .required = true),
    OPT_END,
};

static const struct command strict = {
    .name = "strict",
    .positionals =
        POSITIONALS({.name = "COLOUR", .help = "colours", .values = colour, .repeated = true}),
    .options = strict_options,
    .args_size = sizeof(struct sample),
};

/* Parses words separated by spaces; the words live in static memory. */
static int parse_as(const struct command *command, const char *line, struct cli *cli,
                    struct sample *args, struct err *err)
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
    *cli = (struct cli){.command = command, .commands = commands};
    return options_parse(cli, argc, argv, args, err);
}

static int parse(const char *line, struct cli *cli, struct sample *args, struct err *err)
{
    return parse_as(&sample, line, cli, args, err);
}

static void assert_refused_by(const struct command *command, const char *line, const char *reason)
{
    AUTO(err_release) struct err err = ERR_INIT;
    struct sample args;
    struct cli cli;
    assert_int_equal(parse_as(command, line, &cli, &args, &err), ERR_USAGE);
    assert_contains(err_text(&err), reason);
    options_release(&cli, &args);
}

static void assert_refused(const char *line, const char *reason)
{
    assert_refused_by(&sample, line, reason);
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
    options_release(&cli, &args);
}

/* One word is the second argument, and two are both; the closed set counts for the first alone. */
static void an_optional_first_argument_is_left_out(void **state)
{
    (void)state;
    const struct command command = {
        .name = "front",
        .positionals =
            POSITIONALS({.name = "COLOUR", .help = "first", .values = colour, .optional = true},
                        {.name = "B", .help = "second"}),
        .options = sample_options,
        .args_size = sizeof(struct sample),
    };
    struct cli cli;
    struct sample args;
    assert_int_equal(parse_as(&command, "b", &cli, &args, ERR_IGNORED), 0);
    assert_int_equal(cli.arg_count, 2);
    assert_null(cli.args[0]);
    assert_string_equal(cli.args[1], "b");
    assert_null(cli.args[2]);
    options_release(&cli, &args);
    AUTO_FREE char *both = mem_printf("%s b", colour(0));
    assert_int_equal(parse_as(&command, both, &cli, &args, ERR_IGNORED), 0);
    assert_string_equal(cli.args[0], colour(0));
    options_release(&cli, &args);
    assert_refused_by(&command, "", "needs [COLOUR] B");
    assert_refused_by(&command, "a b", "COLOUR \"a\": choose");
    assert_refused_by(&command, "a b c", "\"c\" is one argument too many");
}

static void a_dash_is_an_argument(void **state)
{
    (void)state;
    struct sample args;
    struct cli cli;
    assert_int_equal(parse("- --flag=true", &cli, &args, ERR_IGNORED), 0);
    assert_string_equal(cli.args[0], "-");
    assert_true(args.flag);
    options_release(&cli, &args);
    assert_int_equal(parse("- --flag=false", &cli, &args, ERR_IGNORED), 0);
    assert_false(args.flag);
    options_release(&cli, &args);
}

static void help_needs_no_arguments(void **state)
{
    (void)state;
    struct sample args;
    struct cli cli;
    assert_int_equal(parse("-h", &cli, &args, ERR_IGNORED), 0);
    assert_true(cli.help);
    options_release(&cli, &args);
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

static void what_is_not_given_has_its_default(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    struct sample args;
    struct cli cli;
    assert_ok(parse("a", &cli, &args, &err), &err);
    assert_int_equal(args.number, 4);
    assert_int_equal(args.size, 2048);
    assert_null(args.colour);
    options_release(&cli, &args);
    assert_ok(parse("a -n 5 --size 3kB", &cli, &args, &err), &err);
    assert_int_equal(args.number, 5);
    assert_int_equal(args.size, 3000);
    options_release(&cli, &args);
}

static void closed_sets_take_nothing_else(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    struct sample args;
    struct cli cli;
    assert_ok(parse("a --colour green --shape round --shape round", &cli, &args, &err), &err);
    assert_string_equal(args.colour, "green");
    assert_int_equal(args.shapes.count, 2);
    options_release(&cli, &args);
    assert_refused("a --colour gren", "sample: --colour \"gren\": choose red, green or blue; "
                                      "did you mean green?");
    assert_refused("a --colour=", "--colour \"\": choose red, green or blue");
    assert_refused("a --shape round --shape square", "--shape \"square\": choose round");
    assert_refused("a --size 3x", "sample: --size: \"3x\" is no size");
    assert_refused_by(&strict, "red gren", "strict: COLOUR \"gren\": choose red, green");
    assert_refused_by(&strict, "", "needs COLOUR...");
    assert_refused_by(&strict, "red -t x", "--colour is missing: choose red, green or blue");
    assert_refused_by(&strict, "red --colour red", "--text is missing: add --text TEXT");
    assert_ok(parse_as(&strict, "red blue -t x --colour red", &cli, &args, &err), &err);
    options_release(&cli, &args);
}

static void assert_help(size_t at, const char *expected)
{
    AUTO_FREE char *help = usage_option_help(&sample_options[at]);
    assert_string_equal(help, expected);
}

static void help_states_values_and_defaults(void **state)
{
    (void)state;
    const struct option port =
        OPT_NUMBER(struct sample, number, 0, "port", "N", 0, 9, 8, "a port", .zero = "any");
    const struct option end =
        OPT_NUMBER(struct sample, number, 0, "end", "N", 0, 9, 0, "an end", .zero = "never");
    AUTO_FREE char *port_help = usage_option_help(&port);
    AUTO_FREE char *end_help = usage_option_help(&end);
    AUTO_FREE char *synopsis = usage_synopsis(&strict);
    assert_help(0, "a flag");
    assert_help(2, "a list; may be repeated");
    assert_help(3, "a number (default 4)");
    assert_help(4, "a colour: red, green or blue (default: none)");
    assert_help(5, "a shape: round; may be repeated");
    assert_help(6, "a size (default 2KiB)");
    assert_string_equal(port_help, "a port (default 8; 0: any)");
    assert_string_equal(end_help, "an end (default 0: never)");
    assert_string_equal(synopsis, "COLOUR...");
    assert_ptr_equal(usage_next(&sample, GROUP_STORE, NULL), &sample_options[5]);
    assert_null(usage_next(&sample, GROUP_STORE, &sample_options[5]));
    assert_ptr_equal(usage_next(&sample, GROUP_GENERAL, NULL), common_options);
}

static void sizes_have_the_largest_fitting_unit(void **state)
{
    (void)state;
    static const struct {
        long long bytes;
        const char *text;
    } cases[] = {{0, "0 B"},
                 {1000, "1000 B"},
                 {1024, "1 KiB"},
                 {1536, "1536 B"},
                 {268435456, "256 MiB"},
                 {17179869184, "16 GiB"},
                 {1LL << 40, "1024 GiB"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_FREE char *text = size_text(cases[i].bytes, " ");
        assert_string_equal(text, cases[i].text);
    }
}

static void near_names_are_suggested(void **state)
{
    (void)state;
    assert_string_equal(suggest_value(command_listed, "lsit"), "list");
    assert_string_equal(suggest_value(command_listed, "pul"), "pull");
    assert_string_equal(suggest_value(command_listed, "inspekt"), "inspect");
    assert_null(suggest_value(command_listed, "zzzzzz"));
    assert_null(suggest_value(command_listed, "__ma"));
    assert_string_equal(suggest_value(colour, "geren"), "green");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_stand_anywhere),
        cmocka_unit_test(a_dash_is_an_argument),
        cmocka_unit_test(an_optional_first_argument_is_left_out),
        cmocka_unit_test(help_needs_no_arguments),
        cmocka_unit_test(mistakes_are_usage_errors),
        cmocka_unit_test(what_is_not_given_has_its_default),
        cmocka_unit_test(closed_sets_take_nothing_else),
        cmocka_unit_test(help_states_values_and_defaults),
        cmocka_unit_test(sizes_have_the_largest_fitting_unit),
        cmocka_unit_test(near_names_are_suggested),
    };
    return cmocka_run_group_tests_name("option", tests, NULL, NULL);
}
