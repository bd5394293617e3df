#include "credential/credential.h"

#include <string.h>

#include "base/base64.h"
#include "base/mem.h"

void credential_wipe(char **text)
{
    mem_wipe(STEAL(*text));
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

char *credential_encode(const char *username, const char *password)
{
    AUTO(credential_wipe) char *plain = mem_printf("%s:%s", username, password);
    return base64_encode(plain, strlen(plain));
}

char *credential_basic(const struct credential *credential)
{
    AUTO(credential_wipe)
    char *text = credential_encode(credential->username, credential->password);
    return mem_printf("Authorization: Basic %s", text);
}
