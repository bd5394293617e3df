#include "toolchain/args.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void args_add(struct args *args, const char *arg)
{
    args->items = mem_resize(args->items, args->count + 2, sizeof(*args->items));
    args->items[args->count++] = arg;
    args->items[args->count] = NULL;
}

void args_add_all(struct args *args, const char *const *more)
{
    for (; more && *more; more++)
        args_add(args, *more);
}

void args_release(struct args *args)
{
    free(args->items);
    *args = (struct args){0};
}

bool args_have(const char *const *args, const char *flag)
{
    size_t len = strlen(flag);
    for (; args && *args; args++) {
        if (strncmp(*args, flag, len) == 0 && ((*args)[len] == '\0' || (*args)[len] == '='))
            return true;
    }
    return false;
}

const char *args_value(const char *const *args, const char *name)
{
    size_t len = strlen(name);
    const char *value = NULL;
    for (; args && *args; args++) {
        const char *word = *args;
        if (word[0] != '-')
            continue;
        word += word[1] == '-' ? 2 : 1;
        if (strncmp(word, name, len) != 0)
            continue;
        if (word[len] == '=')
            value = word + len + 1;
        else if (word[len] == '\0')
            value = args[1] ? args[1] : "";
    }
    return value;
}
