#include "cmd/usage.h"

#include "base/buf.h"
#include "base/mem.h"
#include "cmd/size.h"

enum { USAGE_MAX = 4096 }; /* bytes of a line */

char *usage_synopsis(const struct command *command)
{
    struct buf line = BUF_INIT(USAGE_MAX);
    for (const struct positional *p = command->positionals; p && p->name; p++)
        buf_printf(&line, "%s%s%s%s%s", line.len ? " " : "", p->optional ? "[" : "", p->name,
                   p->repeated ? "..." : "", p->optional ? "]" : "");
    return buf_steal(&line);
}

char *usage_values(const char *(*values)(size_t at))
{
    struct buf list = BUF_INIT(USAGE_MAX);
    buf_add_names(&list, values);
    return buf_steal(&list);
}

/* The default, and what 0 means: "(default 8080; 0: any free one)", "(default 0: never)". */
static void add_number(const struct option *option, struct buf *out)
{
    buf_printf(out, " (default %lld", option->standard);
    if (option->zero)
        buf_printf(out, "%s: %s", option->standard ? "; 0" : "", option->zero);
    buf_add_text(out, ")");
}

static void add_default(const struct option *option, struct buf *out)
{
    if (option->kind == OPTION_NUMBER) {
        add_number(option, out);
    } else if (option->kind == OPTION_SIZE) {
        AUTO_FREE char *size = size_text(option->standard, "");
        buf_printf(out, " (default %s)", size);
    } else if (option->otherwise) {
        buf_printf(out, " (default: %s)", option->otherwise);
    }
}

char *usage_option_help(const struct option *option)
{
    struct buf line = BUF_INIT(USAGE_MAX);
    buf_add_text(&line, option->help);
    if (option->values) {
        buf_add_text(&line, ": ");
        buf_add_names(&line, option->values);
    }
    if (option->required)
        buf_add_text(&line, "; required");
    if (option->kind == OPTION_LIST)
        buf_add_text(&line, "; may be repeated");
    add_default(option, &line);
    return buf_steal(&line);
}

char *usage_positional_help(const struct positional *positional)
{
    struct buf line = BUF_INIT(USAGE_MAX);
    buf_add_text(&line, positional->help);
    if (positional->values && !positional->value_help) {
        buf_add_text(&line, ": ");
        buf_add_names(&line, positional->values);
    }
    if (positional->otherwise)
        buf_printf(&line, " (default: %s)", positional->otherwise);
    return buf_steal(&line);
}

const char *usage_group_title(enum option_group group)
{
    static const char *const titles[GROUP_COUNT] = {
        [GROUP_OWN] = "Options",
        [GROUP_CONNECTION] = "Connection",
        [GROUP_CREDENTIALS] = "Credentials",
        [GROUP_STORE] = "Store",
        [GROUP_GENERAL] = "General",
    };
    return titles[group];
}

const struct option *usage_next(const struct command *command, enum option_group group,
                                const struct option *after)
{
    const struct option *first = group == GROUP_GENERAL ? common_options : command->options;
    for (const struct option *o = after ? after + 1 : first; o->kind != OPTION_END; o++) {
        if (o->group == group)
            return o;
    }
    return NULL;
}
