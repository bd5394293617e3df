#include "server/target.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The rest of the target after "http://authority"; NULL when the target does not begin so. */
static const char *skip_authority(const char *target)
{
    const char *authority;
    if (strncasecmp(target, "http://", 7) == 0)
        authority = target + 7;
    else if (strncasecmp(target, "https://", 8) == 0)
        authority = target + 8;
    else
        return NULL;
    size_t len = strcspn(authority, "/?#");
    if (len == 0 || memchr(authority, '@', len))
        return NULL;
    return authority + len;
}

/* Decodes one byte of the path; returns how many bytes of text it took, or 0 for a bad one. */
static size_t decode(const char *text, char *out)
{
    *out = *text;
    if (*text == '#')
        return 0;
    if (*text != '%')
        return 1;
    int high = hex_value(text[1]);
    int low = high < 0 ? -1 : hex_value(text[2]);
    if (low < 0)
        return 0;
    *out = (char)(high * 16 + low);
    return *out == '\0' || *out == '/' ? 0 : 3;
}

/* Whether no segment is "." or "..". */
static bool segments_are_plain(const char *path)
{
    while (*path) {
        const char *segment = path + 1;
        size_t len = strcspn(segment, "/");
        bool dots =
            (len == 1 && segment[0] == '.') || (len == 2 && segment[0] == '.' && segment[1] == '.');
        if (dots)
            return false;
        path = segment + len;
    }
    return true;
}

int target_path(const char *target, char out[TARGET_PATH_MAX + 1])
{
    const char *text = *target == '/' ? target : skip_authority(target);
    if (!text)
        return 400;
    size_t len = 0;
    if (*text != '/')
        out[len++] = '/';
    while (*text && *text != '?') {
        if (len == TARGET_PATH_MAX)
            return 414;
        size_t taken = decode(text, &out[len]);
        if (!taken)
            return 400;
        text += taken;
        if (len == 0 || out[len] != '/' || out[len - 1] != '/') /* several slashes are one */
            len++;
    }
    out[len] = '\0';
    return segments_are_plain(out) ? 0 : 400;
}
