/* The option tables of all commands are well-formed. */
#include "unit.h"

#include <ctype.h>

#include "cmd/command_names.h"
#include "cmd/commands.h"
#include "cmd/option.h"
#include "cmd/usage.h"

static void check_help(const char *help)
{
    assert_non_null(help);
    size_t len = strlen(help);
    assert_true(len > 0 && help[len - 1] != '.');
    assert_null(strstr(help, "(default")); /* the table states it elsewhere */
}

static void check_values(const char *(*values)(size_t at))
{
    assert_non_null(values(0));
    for (size_t i = 0; values(i); i++) {
        for (const char *c = values(i); *c; c++) /* a shell takes it as it is */
            assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '-');
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(values(i), values(j));
    }
}

static void check_kind(const struct option *option)
{
    bool is_text = option->kind == OPTION_TEXT || option->kind == OPTION_LIST;
    assert_true((option->arg == NULL) == (option->kind == OPTION_FLAG));
    if (option->kind == OPTION_NUMBER) {
        assert_true(option->min <= option->max);
        assert_in_range(option->standard, option->min, option->max);
    } else {
        assert_true(option->min == 0 && option->max == 0 && !option->zero);
        assert_true(option->kind == OPTION_SIZE ? option->standard > 0 : option->standard == 0);
    }
    assert_true(!option->zero || option->min == 0);
    assert_true(is_text || (!option->otherwise && !option->values && !option->complete));
    assert_true(!option->required || (option->kind == OPTION_TEXT && !option->otherwise));
    assert_true(!option->values || option->complete == COMPLETE_NONE);
    if (option->values)
        check_values(option->values);
}

static void check_option(const struct option *option, const char *seen)
{
    assert_non_null(option->name);
    assert_true(strlen(option->name) >= 2);
    for (const char *c = option->name; *c; c++)
        assert_true(islower((unsigned char)*c) || *c == '-');
    if (option->short_name)
        assert_null(strchr(seen, option->short_name));
    check_help(option->help);
    check_kind(option);
}

static void check_positionals(const struct positional *positional)
{
    bool optional = false, repeated = false;
    for (; positional && positional->name; positional++) {
        assert_false(repeated); /* nothing stands behind a repeated one */
        /* Only the first of two may be left out; a word in its place may be that of the second. */
        bool first_of_two = positional->optional && positional[1].name && !positional[1].optional;
        assert_true(positional->optional || !optional || !positional[1].name);
        optional = positional->optional;
        repeated = positional->repeated;
        for (const char *c = positional->name; *c; c++)
            assert_true(isupper((unsigned char)*c) || *c == '|');
        check_help(positional->help);
        assert_true(!positional->values || first_of_two || positional->complete == COMPLETE_NONE);
        assert_true(!positional->value_help || positional->values);
        assert_true(!positional->otherwise || positional->optional);
        if (positional->values)
            check_values(positional->values);
        for (size_t i = 0; positional->value_help && positional->values(i); i++)
            check_help(positional->value_help(i));
    }
}

static void check_options(const struct command *command)
{
    char seen[64] = "vh";
    for (const struct option *o = command->options; o->kind != OPTION_END; o++) {
        check_option(o, seen);
        for (const struct option *p = command->options; p != o; p++)
            assert_string_not_equal(p->name, o->name);
        for (const struct option *p = common_options; p->kind != OPTION_END; p++)
            assert_string_not_equal(p->name, o->name);
        assert_true(o->offset < command->args_size);
        assert_true(o->group != GROUP_GENERAL);
        if (o->short_name) {
            size_t len = strlen(seen);
            seen[len] = o->short_name;
            seen[len + 1] = '\0';
        }
    }
}

static void check_command(const struct command *command)
{
    assert_non_null(command->summary);
    assert_non_null(command->run);
    assert_true(command->args_size > 0);
    check_positionals(command->positionals);
    check_options(command);
}

static void the_tables_are_well_formed(void **state)
{
    (void)state;
    size_t visible = 0;
    for (const struct command *const *command = commands; *command; command++) {
        if (command_visible(*command))
            assert_string_equal(command_listed(visible++), (*command)->name);
        check_command(*command);
        assert_ptr_equal(command_find(commands, (*command)->name), *command);
    }
    assert_null(command_listed(visible));
    for (const struct option *o = common_options; o->kind != OPTION_END; o++) {
        check_option(o, "");
        assert_true(o->group == GROUP_GENERAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_well_formed),
    };
    return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}
