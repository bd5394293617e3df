#include "toolchain/cargo_config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "toolchain/project.h"

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

/* The place behind `word` and blanks; NULL when another word stands there. */
static const char *expect(const char *at, const char *word)
{
    size_t len = strlen(word);
    return strncmp(at, word, len) == 0 ? skip_blanks(at + len) : NULL;
}

/* The value of `key = "wasm32..."`. An array of targets chooses none. */
static char *wasm_value(const char *line, const char *key)
{
    const char *at = expect(line, key);
    if (at)
        at = expect(at, "=");
    if (!at || (*at != '"' && *at != '\''))
        return NULL;
    char quote[] = {*at++, '\n', '\0'};
    return strncmp(at, "wasm32", 6) == 0 ? mem_dup_n(at, strcspn(at, quote)) : NULL;
}

/* Reads only the two spellings of the key that people write. With any other, wasme chooses the
 * target. */
char *cargo_config_target_in(const char *text)
{
    bool in_build = false, at_top = true;
    for (const char *line = text; *line; line += *line == '\n') {
        line = skip_blanks(line);
        char *value = in_build ? wasm_value(line, "target")
                      : at_top ? wasm_value(line, "build.target")
                               : NULL;
        if (value)
            return value;
        if (*line == '[') {
            const char *name = expect(skip_blanks(line + 1), "build");
            in_build = name && *name == ']';
            at_top = false;
        }
        line += strcspn(line, "\n");
    }
    return NULL;
}

/* The target in the nearest file of that name which has one. */
static char *find(const char *folder, const char *name)
{
    AUTO_FREE char *at = mem_dup(folder);
    for (;;) {
        AUTO_FREE char *path = project_find_up(at, name);
        if (!path)
            return NULL;
        AUTO_FREE char *text = project_read(path);
        char *target = text ? cargo_config_target_in(text) : NULL;
        if (target)
            return target;
        path[strlen(path) - strlen(name)] = '\0';
        AUTO_FREE char *above = mem_printf("%s..", path);
        if (strcmp(path, "/") == 0)
            return NULL;
        free(at);
        at = STEAL(above);
    }
}

char *cargo_config_target(const char *folder)
{
    char *target = find(folder, ".cargo/config.toml");
    return target ? target : find(folder, ".cargo/config");
}
