#include "toolchain/version.h"

#include <ctype.h>
#include <string.h>

#include "base/mem.h"

#define NUMBER_MAX 99999

/* Passes over a number; -1 when there is none, or when it is too large. */
static int read_number(const char **at)
{
    if (!isdigit((unsigned char)**at))
        return -1;
    int value = 0;
    for (; isdigit((unsigned char)**at); (*at)++) {
        value = value * 10 + (**at - '0');
        if (value > NUMBER_MAX)
            return -1;
    }
    return value;
}

static bool read_version(const char *at, struct version *out)
{
    struct version version = {.major = read_number(&at)};
    if (version.major < 0 || *at++ != '.')
        return false;
    version.minor = read_number(&at);
    if (version.minor < 0)
        return false;
    if (*at == '.') {
        at++;
        int patch = read_number(&at);
        version.patch = patch < 0 ? 0 : patch;
    }
    *out = version;
    return true;
}

bool version_find(const char *text, const char *marker, struct version *out)
{
    *out = (struct version){0};
    const char *at = text;
    if (!*marker)
        return read_version(text, out);
    while ((at = strstr(at, marker)) != NULL) {
        at += strlen(marker);
        if (read_version(at, out))
            return true;
    }
    return false;
}

char *version_words(const char *name, const struct version *version)
{
    if (!version_known(version))
        return mem_printf("%s of a version that it does not say", name);
    return mem_printf("%s %d.%d.%d", name, version->major, version->minor, version->patch);
}

bool version_known(const struct version *version)
{
    return version->major || version->minor || version->patch;
}

bool version_before(const struct version *version, int major, int minor)
{
    if (!version_known(version))
        return false;
    return version->major != major ? version->major < major : version->minor < minor;
}
