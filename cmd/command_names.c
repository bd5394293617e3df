#include "cmd/command_names.h"

#include "base/mem.h"

#define NAME(name) #name,
static const char *const names[] = {COMMANDS(NAME)};

const char *command_listed(size_t at)
{
    return at < COUNT(names) ? names[at] : NULL;
}
