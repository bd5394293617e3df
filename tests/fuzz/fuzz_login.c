/* Files of logins, networks, and the field Authorization: no text may do harm. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "server/htpasswd.h"
#include "server/login.h"
#include "server/network.h"
#include "server/password.h"
#include "server/tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A user that was read is found again, with a hash that can be checked. */
static void check_users(const struct htpasswd *users)
{
    for (size_t i = 0; i < users->count; i++)
        if (htpasswd_find(users, users->users[i].name) != &users->users[i] ||
            password_check_hash(users->users[i].hash, ERR_IGNORED) != 0)
            abort();
}

static void check_network(const char *text)
{
    struct network network;
    if (network_parse(text, &network, ERR_IGNORED) == 0 && !network_has(&network, &network.address))
        abort();
}

static void check_basic(const char *text)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *password = NULL;
    if (login_parse_basic(text, &name, &password) && strchr(name, ':'))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = mem_dup_n((const char *)data, size);
    AUTO(htpasswd_release) struct htpasswd users = {.users = NULL};
    AUTO(tokens_release) struct tokens tokens = {.items = NULL};
    if (htpasswd_parse(text, "file", &users, ERR_IGNORED) == 0)
        check_users(&users);
    if (tokens_parse(text, "file", &tokens, ERR_IGNORED) == 0 && tokens.count > TOKENS_MAX)
        abort();
    check_network(text);
    check_basic(text);
    return 0;
}
