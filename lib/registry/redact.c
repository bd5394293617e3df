#include "registry/redact.h"

#include <string.h>

#include "base/mem.h"
#include "registry/credentials.h"

enum { PLAIN_MAX = 256 * 1024 };

/* "a/b" in JSON may be "a\/b". */
static char *escape(const char *secret)
{
    char *out = mem_alloc(2 * strlen(secret) + 1);
    char *at = out;
    for (; *secret; *at++ = *secret++)
        if (*secret == '/')
            *at++ = '\\';
    *at = '\0';
    return out;
}

static void hide_text(char *text, size_t len, const char *secret)
{
    size_t secret_len = strlen(secret);
    while (secret_len > 0) {
        char *found = memmem(text, len, secret, secret_len);
        if (!found)
            return;
        memset(found, '*', secret_len);
        len -= (size_t)(found - text) + secret_len;
        text = found + secret_len;
    }
}

void redact_secret(char *text, size_t len, const char *secret)
{
    if (!text || !secret)
        return;
    hide_text(text, len, secret);
    char *escaped AUTO(credential_wipe) = escape(secret);
    hide_text(text, len, escaped);
}

void redact_sent(char *text, size_t len, const char *const *lines)
{
    for (; *lines; lines++)
        redact(text, len, *lines);
}

void redact(char *text, size_t len, const char *line)
{
    if (!text || !line || strncmp(line, "Authorization: ", 15) != 0)
        return;
    const char *secret = strrchr(line, ' ') + 1;
    struct buf plain AUTO(buf_wipe) = BUF_INIT(PLAIN_MAX);
    redact_secret(text, len, line + 15);
    redact_secret(text, len, secret);
    if (strncmp(line + 15, "Basic ", 6) != 0 || credential_decode(secret, &plain, NULL) != 0)
        return;
    const char *colon = strchr(buf_text(&plain), ':');
    if (colon && strlen(colon + 1) >= REDACT_PASSWORD_MIN)
        redact_secret(text, len, colon + 1);
}
