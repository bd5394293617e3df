#include "cmd/command.h"

#include <string.h>

#include "cmd/suggest.h"

const struct option common_options[] = {
    OPT_FLAG(struct cli, verbose, 'v', "verbose", "log more of what is done",
             .group = GROUP_GENERAL),
    OPT_FLAG(struct cli, help, 'h', "help", "show this help", .group = GROUP_GENERAL),
    OPT_END,
};

const struct command *command_find(const struct command *const *commands, const char *name)
{
    for (; *commands; commands++) {
        if (strcmp((*commands)->name, name) == 0)
            return *commands;
    }
    return NULL;
}

bool command_visible(const struct command *command)
{
    return command->name[0] != '_';
}

int command_unknown(const struct command *const *commands, const char *name, struct err *err)
{
    struct suggestion suggestion = {.given = name};
    for (; *commands; commands++) {
        if (command_visible(*commands))
            suggest_consider(&suggestion, (*commands)->name);
    }
    if (!suggestion.nearest)
        return err_set(err, ERR_USAGE, "no command \"%.80s\": `wasme help` lists them", name);
    return err_set(err, ERR_USAGE, "no command \"%.80s\"; did you mean `wasme %s`?", name,
                   suggestion.nearest);
}
