#include "toolchain/gobuild.h"

#include <ctype.h>
#include <string.h>

#include "base/mem.h"

/* One expression of a "//go:build" line on its way to a value. */
struct expression {
    const struct gobuild *build;
    const char *at;
    int depth;
    bool broken;
};

static bool same(const char *word, size_t len, const char *text)
{
    return strlen(text) == len && memcmp(word, text, len) == 0;
}

static bool is_among(const char *tags, const char *word, size_t len)
{
    while (tags && *tags) {
        size_t here = strcspn(tags, ", ");
        if (here == len && memcmp(tags, word, len) == 0)
            return true;
        tags += here + (tags[here] != '\0');
    }
    return false;
}

/* A tag of a Go release counts as met: the compiler knows its own release. */
static bool is_met(const struct gobuild *build, const char *word, size_t len)
{
    static const char *const given[] = {"wasip1", "wasm"};
    for (size_t i = 0; i < COUNT(given); i++)
        if (same(word, len, given[i]))
            return true;
    if (len > 4 && memcmp(word, "go1.", 4) == 0)
        return true;
    if (same(word, len, build->compiler))
        return true;
    return is_among(build->tags, word, len);
}

static void skip_blanks(struct expression *expression)
{
    expression->at += strspn(expression->at, " \t");
}

static size_t tag_len(const char *at)
{
    size_t len = 0;
    while (isalnum((unsigned char)at[len]) || at[len] == '_' || at[len] == '.')
        len++;
    return len;
}

/* Passes over the sign when it stands here; whether it does. */
static bool skip_sign(struct expression *expression, const char *sign)
{
    skip_blanks(expression);
    size_t len = strlen(sign);
    if (strncmp(expression->at, sign, len) != 0)
        return false;
    expression->at += len;
    return true;
}

static bool read_any(struct expression *expression);

static bool read_one(struct expression *expression)
{
    if (expression->depth >= GOBUILD_DEPTH_MAX) {
        expression->broken = true;
        return true;
    }
    expression->depth++;
    bool value = true;
    if (skip_sign(expression, "!")) {
        value = !read_one(expression);
    } else if (skip_sign(expression, "(")) {
        value = read_any(expression);
        expression->broken |= !skip_sign(expression, ")");
    } else {
        size_t len = tag_len(expression->at);
        value = is_met(expression->build, expression->at, len);
        expression->broken |= len == 0;
        expression->at += len;
    }
    expression->depth--;
    return value;
}

static bool read_all(struct expression *expression)
{
    bool value = read_one(expression);
    while (!expression->broken && skip_sign(expression, "&&"))
        value = read_one(expression) && value;
    return value;
}

static bool read_any(struct expression *expression)
{
    bool value = read_all(expression);
    while (!expression->broken && skip_sign(expression, "||"))
        value = read_all(expression) || value;
    return value;
}

static bool line_is_met(const struct gobuild *build, const char *at)
{
    struct expression expression = {.build = build, .at = at};
    bool value = read_any(&expression);
    skip_blanks(&expression);
    bool whole = strchr("\r\n", *expression.at) != NULL || strncmp(expression.at, "//", 2) == 0;
    return expression.broken || !whole || value;
}

/* Reads the form of before Go 1.17, in which blanks mean "or" and commas mean "and". */
static bool old_line_is_met(const struct gobuild *build, const char *at)
{
    bool any = false, some = false;
    while (at += strspn(at, " \t\r"), *at && *at != '\n') {
        bool all = true;
        do {
            at += *at == ',';
            bool negated = *at == '!';
            at += negated;
            size_t len = strcspn(at, ", \t\r\n");
            all = is_met(build, at, len) != negated && all;
            at += len;
        } while (*at == ',');
        any = any || all;
        some = true;
    }
    return any || !some;
}

static const char *behind(const char *at, const char *word)
{
    size_t len = strlen(word);
    return strncmp(at, word, len) == 0 && strchr(" \t", at[len]) && at[len] ? at + len : NULL;
}

/* A constraint stands above the package clause, among comments and empty lines. */
static bool text_is_met(const struct gobuild *build, const char *at)
{
    bool old = true;
    while (at += strspn(at, " \t\r\n"), at[0] == '/') {
        const char *line = behind(at, "//go:build");
        if (line)
            return line_is_met(build, line);
        if (at[1] == '/') {
            const char *old_line = at + 2 + strspn(at + 2, " \t");
            old_line = behind(old_line, "+build");
            old = old && (!old_line || old_line_is_met(build, old_line));
            at += strcspn(at, "\n");
        } else {
            const char *end = at[1] == '*' ? strstr(at + 2, "*/") : NULL;
            if (!end)
                break;
            at = end + 2;
        }
    }
    return old;
}

static const char systems[] = "aix,android,darwin,dragonfly,freebsd,hurd,illumos,ios,js,linux,nacl,"
                              "netbsd,openbsd,plan9,solaris,wasip1,windows,zos";
static const char machines[] = "386,amd64,arm,arm64,loong64,mips,mips64,mips64le,mipsle,ppc64,"
                               "ppc64le,riscv64,s390x,wasm";

/* A file NAME_SYSTEM.go, NAME_MACHINE.go or NAME_SYSTEM_MACHINE.go is for that system and that
 * machine alone. */
static bool name_is_met(const char *name)
{
    size_t len = strlen(name) - strlen(".go");
    for (int words = 0; words < 2; words++) {
        size_t start = len;
        while (start > 0 && name[start - 1] != '_')
            start--;
        if (start == 0)
            return true;
        const char *word = name + start;
        size_t word_len = len - start;
        bool for_system = is_among(systems, word, word_len);
        if (!for_system && !(words == 0 && is_among(machines, word, word_len)))
            return true;
        if (!same(word, word_len, for_system ? "wasip1" : "wasm"))
            return false;
        if (for_system)
            return true;
        len = start - 1;
    }
    return true;
}

bool gobuild_is_program(const char *name)
{
    size_t len = strlen(name);
    if (len <= 3 || strcmp(name + len - 3, ".go") != 0 || name[0] == '_' || name[0] == '.')
        return false;
    return len <= 8 || strcmp(name + len - 8, "_test.go") != 0;
}

bool gobuild_takes(const struct gobuild *build, const char *name, const char *text)
{
    return gobuild_is_program(name) && name_is_met(name) && text_is_met(build, text);
}
