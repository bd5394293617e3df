/* The names of all commands, apart from the commands, so that `wasme help` and the completions can
 * list them. */
#ifndef WASME_CMD_COMMAND_NAMES_H
#define WASME_CMD_COMMAND_NAMES_H

#include <stddef.h>

/* clang-format off */
/* The commands that users see, in the order of `wasme help`: X(frob) stands for frob_command, whose
 * name is "frob". */
#define COMMANDS(X) \
    X(init)       \
    X(build)      \
    X(list)       \
    X(inspect)    \
    X(diff)       \
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
    X(run)        \
    X(serve)      \
    X(deploy)     \
    X(undeploy)   \
    X(prune)      \
    X(doctor)     \
    X(completion) \
    X(help)       \
    X(version)
/* The other commands; the name of complete_command is "__complete". */
#define HIDDEN_COMMANDS(X) \
    X(complete)   \
    X(man)
/* clang-format on */

/* The name at that place of the commands that users see; NULL behind the last. */
const char *command_listed(size_t at);

#endif
