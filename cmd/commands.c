#include "cmd/commands.h"

#include <string.h>

#include "base/buf.h"
#include "cmd/suggest.h"

/* clang-format off */
/* In the order of `wasme help`, a line each. */
extern const struct command
    build_command,
    list_command,
    inspect_command,
    check_command,
    tag_command,
    rm_command,
    convert_command,
    push_command,
    pull_command,
    copy_command,
    save_command,
    load_command,
    login_command,
    logout_command,
    tags_command,
    catalog_command,
    search_command,
    serve_command,
    doctor_command,
    completion_command,
    help_command,
    version_command,
    complete_command,
    man_command;

const struct command *const commands[] = {
    &build_command,
    &list_command,
    &inspect_command,
    &check_command,
    &tag_command,
    &rm_command,
    &convert_command,
    &push_command,
    &pull_command,
    &copy_command,
    &save_command,
    &load_command,
    &login_command,
    &logout_command,
    &tags_command,
    &catalog_command,
    &search_command,
    &serve_command,
    &doctor_command,
    &completion_command,
    &help_command,
    &version_command,
    &complete_command,
    &man_command,
    NULL,
};
/* clang-format on */

const struct command *command_find(const char *name)
{
    for (const struct command *const *command = commands; *command; command++) {
        if (strcmp((*command)->name, name) == 0)
            return *command;
    }
    return NULL;
}

char *command_words(void)
{
    struct buf words = BUF_INIT(4096);
    for (const struct command *const *command = commands; *command; command++) {
        if ((*command)->name[0] != '_')
            buf_printf(&words, "%s%s", words.len ? " " : "", (*command)->name);
    }
    return buf_steal(&words);
}

int command_unknown(const char *name, struct err *err)
{
    const char *near = suggest_command(name);
    if (near)
        return err_set(err, ERR_USAGE, "no command \"%.80s\"; did you mean `wasme %s`?", name,
                       near);
    return err_set(err, ERR_USAGE, "no command \"%.80s\": `wasme help` lists them", name);
}
