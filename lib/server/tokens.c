#include "server/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "server/lines.h"

/* RFC 6750, section 2.1: b64token */
static bool is_token(const char *text, size_t len)
{
    size_t letters = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789-._~+/");
    return letters > 0 && letters + strspn(text + letters, "=") == len;
}

static int read_token(void *opaque, const char *line, size_t number, struct err *err)
{
    struct tokens *out = opaque;
    size_t len = strlen(line);
    if (!is_token(line, len))
        return err_set(err, ERR_DAMAGED,
                       "a token has letters, digits and - . _ ~ + / alone: make one with "
                       "`openssl rand -hex 32`");
    if (len < TOKEN_LEN_MIN || len > TOKEN_LEN_MAX)
        return err_set(err, ERR_DAMAGED,
                       "a token must have %d to %d characters: make one with "
                       "`openssl rand -hex 32`",
                       TOKEN_LEN_MIN, TOKEN_LEN_MAX);
    if (out->count == TOKENS_MAX)
        return err_set(err, ERR_DAMAGED, "there are more than %d tokens", TOKENS_MAX);
    out->items = mem_grow(out->items, out->count, sizeof(*out->items));
    struct token *token = &out->items[out->count++];
    digest_of(line, len, &token->digest);
    snprintf(token->name, sizeof(token->name), "token:%zu", number);
    return 0;
}

int tokens_parse(const char *text, const char *shown, struct tokens *out, struct err *err)
{
    AUTO(tokens_release) struct tokens read = {.items = NULL};
    int rc = lines_each(text, shown, read_token, &read, err);
    if (rc)
        return rc;
    *out = read;
    read = (struct tokens){.items = NULL};
    return 0;
}

const char *tokens_find(const struct tokens *tokens, const char *token)
{
    struct digest digest;
    const char *found = NULL;
    digest_of(token, strlen(token), &digest);
    for (size_t i = 0; i < tokens->count; i++) {
        if (mem_same_secret(tokens->items[i].digest.text, digest.text, DIGEST_TEXT_LEN))
            found = tokens->items[i].name;
    }
    return found;
}

void tokens_release(struct tokens *tokens)
{
    free(tokens->items);
    *tokens = (struct tokens){.items = NULL};
}
