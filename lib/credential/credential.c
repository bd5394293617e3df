#include "credential/credential.h"

#include <string.h>

#include "base/mem.h"

void credential_wipe(char **text)
{
    if (*text)
        explicit_bzero(*text, strlen(*text));
    mem_free_at(text);
    *text = NULL;
}

void credential_release(struct credential *credential)
{
    credential_wipe(&credential->password);
    credential_wipe(&credential->username);
    credential_wipe(&credential->identity_token);
    credential_wipe(&credential->registry_token);
    mem_free_at(&credential->source);
    credential->source = NULL;
}

bool credential_is_empty(const struct credential *credential)
{
    return !credential->username && !credential->identity_token && !credential->registry_token;
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *credential_encode(const char *username, const char *password)
{
    AUTO(credential_wipe) char *plain = mem_printf("%s:%s", username, password);
    const unsigned char *raw = (const unsigned char *)plain;
    size_t len = strlen(plain);
    char *text = mem_alloc((len + 2) / 3 * 4 + 1);
    char *at = text;
    for (size_t i = 0; i < len; i += 3, at += 4) {
        unsigned bits = (unsigned)raw[i] << 16;
        bits |= i + 1 < len ? (unsigned)raw[i + 1] << 8 : 0;
        bits |= i + 2 < len ? raw[i + 2] : 0;
        at[0] = digits[bits >> 18];
        at[1] = digits[bits >> 12 & 63];
        at[2] = i + 1 < len ? digits[bits >> 6 & 63] : '=';
        at[3] = i + 2 < len ? digits[bits & 63] : '=';
    }
    *at = '\0';
    return text;
}

char *credential_basic(const struct credential *credential)
{
    AUTO(credential_wipe)
    char *text = credential_encode(credential->username, credential->password);
    return mem_printf("Authorization: Basic %s", text);
}

static int value_of(char c)
{
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

int credential_decode(const char *text, struct buf *out, struct err *err)
{
    unsigned bits = 0;
    unsigned held = 0;
    size_t count = 0, padding = 0;
    for (; *text; text++) {
        int value = value_of(*text);
        if (*text == '\r' || *text == '\n')
            continue; /* base64(1) breaks its lines */
        padding += *text == '=';
        if (*text == '=')
            continue;
        if (value < 0 || padding)
            return err_set(err, ERR_DAMAGED, "not base64");
        bits = (bits << 6 | (unsigned)value) & 0xffffff;
        held += 6;
        count++;
        if (held < 8)
            continue;
        held -= 8;
        buf_add_char(out, (char)(bits >> held & 0xff));
    }
    if (count % 4 == 1 || padding > 2)
        return err_set(err, ERR_DAMAGED, "not base64");
    if (buf_overflowed(out))
        return err_set(err, ERR_DAMAGED, "longer than %zu bytes", out->max);
    return 0;
}
