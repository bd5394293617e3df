#include "registry/redact.h"

#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "base/percent.h"

enum { PLAIN_MAX = 256 * 1024, FORM_MAX = 3 * PLAIN_MAX };

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

static void add_encoded(struct buf *out, const char *secret)
{
    percent_add(out, secret, strlen(secret), "");
}

/* The form of JSON; some encoders escape each slash too. */
static void add_escaped(struct buf *out, const char *secret)
{
    for (const char *at = secret; *at; at++) {
        if (*at == '/' || *at == '"' || *at == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, *at);
    }
}

void redact_secret(char *text, size_t len, const char *secret)
{
    static void (*const forms[])(struct buf *, const char *) = {add_encoded, add_escaped};
    if (!text || !secret || strlen(secret) < REDACT_PASSWORD_MIN)
        return;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct buf form AUTO(buf_wipe) = BUF_INIT(FORM_MAX);
        buf_reserve(&form); /* a move would leave a copy of the secret behind */
        forms[i](&form, secret);
        if (!buf_overflowed(&form))
            hide(text, len, buf_text(&form));
    }
    hide(text, len, secret);
}

static const char *value_of(const char *line)
{
    return line && strncmp(line, "Authorization: ", 15) == 0 ? strrchr(line, ' ') + 1 : NULL;
}

void redact_sent(char *text, size_t len, const char *line)
{
    const char *secret = value_of(line);
    if (!text || !secret)
        return;
    hide(text, len, line + 15);
    redact_secret(text, len, secret);
}

void redact(char *text, size_t len, const char *line)
{
    const char *secret = value_of(line);
    struct buf plain AUTO(buf_wipe) = BUF_INIT(PLAIN_MAX);
    redact_sent(text, len, line);
    if (!secret || strncmp(line + 15, "Basic ", 6) != 0 ||
        base64_decode(secret, &plain, ERR_IGNORED) != 0)
        return;
    const char *colon = strchr(buf_text(&plain), ':');
    if (colon)
        redact_secret(text, len, colon + 1);
}
