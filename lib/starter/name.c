#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "starter/starter.h"

/* Words of Rust and the names of crates that cannot be the name of a crate that uses them. */
static const char *const taken[] = {
    "abstract", "alloc",    "as",     "async",      "await",      "become", "box",     "break",
    "const",    "continue", "core",   "crate",      "do",         "dyn",    "else",    "enum",
    "extern",   "false",    "final",  "fn",         "for",        "gen",    "if",      "impl",
    "in",       "let",      "log",    "loop",       "macro",      "match",  "mod",     "move",
    "mut",      "override", "priv",   "proc-macro", "proxy-wasm", "pub",    "ref",     "return",
    "self",     "static",   "std",    "struct",     "super",      "test",   "trait",   "true",
    "try",      "type",     "typeof", "unsafe",     "unsized",    "use",    "virtual", "where",
    "while",    "yield",
};

static bool is_taken(const char *name)
{
    for (size_t i = 0; i < COUNT(taken); i++)
        if (strcmp(taken[i], name) == 0)
            return true;
    return false;
}

/* Adds the letters, in lower case, and the digits of the text, with one hyphen for all between. */
static void add_plain(struct buf *out, const char *text)
{
    for (; *text && out->len < out->max; text++) {
        char c = *text;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            buf_add_char(out, c);
        else if (out->len && out->data[out->len - 1] != '-')
            buf_add_char(out, '-');
    }
    while (out->len && out->data[out->len - 1] == '-')
        out->data[--out->len] = '\0';
}

char *starter_name(const char *dir)
{
    static const char prefix[] = "filter";
    AUTO_FREE char *real = realpath(dir, NULL); /* for "." */
    AUTO_FREE char *path = mem_dup(real ? real : dir);
    AUTO(buf_release) struct buf name = BUF_INIT(STARTER_NAME_MAX - sizeof(prefix));
    add_plain(&name, basename(path));
    if (!name.len)
        return mem_dup(prefix);
    bool begins_with_letter = *name.data >= 'a' && *name.data <= 'z';
    if (begins_with_letter && !is_taken(name.data))
        return buf_steal(&name);
    return mem_printf("%s-%s", prefix, name.data);
}
