/* Any text as a bearer token, and as the payload of a bearer token. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "credential/credential.h"
#include "registry/claims.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* For people to read: bounded, and nothing in it that drives a terminal. */
static void check(const char *token)
{
    AUTO(claims_release) struct claims claims = {0};
    if (!claims_read(token, &claims)) {
        if (claims.access || claims.anonymous)
            abort();
        return;
    }
    if (!claims.access || !*claims.access || strlen(claims.access) > CLAIMS_ACCESS_MAX)
        abort();
    for (const char *at = claims.access; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = mem_dup_n((const char *)data, size);
    check(text);
    char *colon = strchr(text, ':');
    if (!colon) /* no object with a member either */
        return 0;
    *colon = '\0';
    AUTO_FREE char *encoded = credential_encode(text, colon + 1); /* with a colon between them */
    for (char *at = encoded; *at; at++)
        *at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
    AUTO_FREE char *token = mem_printf("x.%s.y", encoded);
    check(token);
    return 0;
}
