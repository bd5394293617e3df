#include "registry/redact.h"

#include <string.h>

#include "base/mem.h"
#include "registry/credentials.h"

enum { PLAIN_MAX = 256 * 1024 };

static void hide(char *text, size_t len, const char *secret)
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

void redact(char *text, size_t len, const char *line)
{
    if (!text || !line || strncmp(line, "Authorization: ", 15) != 0)
        return;
    const char *secret = strrchr(line, ' ') + 1;
    struct buf plain AUTO(buf_wipe) = BUF_INIT(PLAIN_MAX);
    hide(text, len, line + 15);
    hide(text, len, secret);
    if (strncmp(line + 15, "Basic ", 6) != 0 || credential_decode(secret, &plain, NULL) != 0)
        return;
    const char *colon = strchr(buf_text(&plain), ':');
    if (colon && strlen(colon + 1) >= REDACT_PASSWORD_MIN)
        hide(text, len, colon + 1);
}
