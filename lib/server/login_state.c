#include "server/login_state.h"

#include <stdio.h>

#include "base/mem.h"

void login_state_begin(struct login *login)
{
    pthread_mutex_init(&login->lock, NULL);
    login->verified = known_logins_new();
    login->attempts = attempts_new();
}

void login_state_end(struct login *login)
{
    known_logins_free(login->verified);
    attempts_free(login->attempts);
    pthread_mutex_destroy(&login->lock);
}

void login_forget(struct login *login)
{
    pthread_mutex_lock(&login->lock);
    known_logins_clear(login->verified);
    attempts_clear(login->attempts);
    login->version++;
    pthread_mutex_unlock(&login->lock);
}

bool login_is_verified(struct login *login, const char *name, const char *password)
{
    struct digest digest;
    keyed_digest(&login->keyed, name, password, &digest);
    pthread_mutex_lock(&login->lock);
    bool verified = known_logins_has(login->verified, &digest);
    pthread_mutex_unlock(&login->lock);
    return verified;
}

void login_refuse(const struct login *login, const struct server_request *request,
                  struct server_reply *reply, int status)
{
    server_reply_status(reply, status);
    if (status == 401)
        server_reply_field(reply, "WWW-Authenticate", "Basic realm=\"wasme\"");
    if (status == 429) {
        char seconds[16];
        snprintf(seconds, sizeof(seconds), "%d", ATTEMPTS_EACH_MS / 1000);
        server_reply_field(reply, "Retry-After", seconds);
    }
    if (login->options.refuse)
        login->options.refuse(request, reply);
}
