#include "cmd/run/field.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/http_token.h"

bool field_is(const char *line, const char *name)
{
    size_t len = strlen(name);
    return strncasecmp(line, name, len) == 0 && line[len] == ':';
}

bool field_is_among(const struct texts *lines, const char *name)
{
    for (size_t i = 0; i < lines->count; i++)
        if (field_is(lines->items[i], name))
            return true;
    return false;
}

const char *field_value(const char *line)
{
    const char *colon = strchr(line + (*line == ':'), ':');
    return colon ? colon + 1 + strspn(colon + 1, " \t") : line + strlen(line);
}

bool field_is_sound(const char *line)
{
    size_t len = strcspn(line, ":");
    if (!line[len] || !http_is_token(line, len))
        return false;
    for (const char *at = line + len + 1; *at; at++)
        if (iscntrl((unsigned char)*at) && *at != '\t')
            return false;
    return true;
}
