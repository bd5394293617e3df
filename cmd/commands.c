#include "cmd/commands.h"

#include <string.h>

#include "cmd/suggest.h"

/* clang-format off */
/* Every command, in the order of `wasme help`: X(frob) stands for frob_command. */
#define COMMANDS(X) \
    X(build)      \
    X(list)       \
    X(inspect)    \
    X(check)      \
    X(tag)        \
    X(rm)         \
    X(convert)    \
    X(push)       \
    X(pull)       \
    X(copy)       \
    X(save)       \
    X(load)       \
    X(login)      \
    X(logout)     \
    X(tags)       \
    X(catalog)    \
    X(search)     \
    X(serve)      \
    X(doctor)     \
    X(completion) \
    X(help)       \
    X(version)    \
    X(complete)   \
    X(man)

#define DECLARE(name) extern const struct command name##_command;
COMMANDS(DECLARE)

#define ADDRESS(name) &name##_command,
const struct command *const commands[] = {COMMANDS(ADDRESS) NULL};
/* clang-format on */

const struct command *command_find(const char *name)
{
    for (const struct command *const *command = commands; *command; command++) {
        if (strcmp((*command)->name, name) == 0)
            return *command;
    }
    return NULL;
}

bool command_visible(const struct command *command)
{
    return command->name[0] != '_';
}

const char *command_listed(size_t at)
{
    for (const struct command *const *command = commands; *command; command++) {
        if (command_visible(*command) && at-- == 0)
            return (*command)->name;
    }
    return NULL;
}

int command_unknown(const char *name, struct err *err)
{
    const char *near = suggest_value(command_listed, name);
    if (near)
        return err_set(err, ERR_USAGE, "no command \"%.80s\"; did you mean `wasme %s`?", name,
                       near);
    return err_set(err, ERR_USAGE, "no command \"%.80s\": `wasme help` lists them", name);
}
