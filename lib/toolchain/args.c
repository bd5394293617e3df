#include "toolchain/args.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/visible.h"

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

static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                            "_-./=:,+@%";

/* Where the quotes begin: behind the sign in -flag=value, as people write it. */
static size_t bare_len(const char *word)
{
    size_t bare = strspn(word, plain);
    const char *sign = strchr(word, '=');
    return word[0] == '-' && sign && (size_t)(sign - word) < bare ? (size_t)(sign - word) + 1 : 0;
}

static bool is_visible(const char *word)
{
    size_t left = strlen(word), len = 1;
    for (; left && len; word += len, left -= len)
        len = visible_len((const unsigned char *)word, left);
    return len != 0;
}

/* $'...' of POSIX.1-2024, section 2.2.4, which the shells had long before. */
static void quote_invisible(struct buf *out, const char *word)
{
    size_t left = strlen(word);
    buf_add_text(out, "$'");
    while (left) {
        size_t len = visible_len((const unsigned char *)word, left);
        if (len == 0)
            buf_printf(out, "\\%03o", (unsigned)(unsigned char)*word);
        else if (*word == '\'' || *word == '\\')
            buf_printf(out, "\\%c", *word);
        else
            buf_add(out, word, len);
        word += len ? len : 1;
        left -= len ? len : 1;
    }
    buf_add_char(out, '\'');
}

void args_quote(struct buf *out, const char *word)
{
    if (!is_visible(word)) {
        quote_invisible(out, word);
        return;
    }
    if (*word && word[strspn(word, plain)] == '\0') {
        buf_add_text(out, word);
        return;
    }
    size_t bare = bare_len(word);
    buf_add(out, word, bare);
    buf_add_char(out, '\'');
    for (word += bare; *word; word++) {
        if (*word == '\'')
            buf_add_text(out, "'\\''");
        else
            buf_add_char(out, *word);
    }
    buf_add_char(out, '\'');
}
