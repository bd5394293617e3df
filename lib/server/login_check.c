#include "server/login_check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "server/password.h"

/* What the checks of one login come to that run at the same time, as when many proxies start: they
 * are one attempt. */
struct login_outcome {
    struct login_outcome *next;
    struct digest credentials;
    struct digest who; /* whose attempt it is */
    unsigned version;
    int checks;
    bool wrong;
};

struct check {
    struct login *login;
    char *name, *password, *hash;  /* owned */
    bool known;                    /* the hash is the user's */
    struct login_outcome *outcome; /* NULL: the check is over */
};

/* The address of the peer without the port; of an IPv6 address the first half, since a customer of
 * a provider usually has all addresses with the same first half. */
static void place_of(const char *peer, char out[INET6_ADDRSTRLEN])
{
    char host[INET6_ADDRSTRLEN] = "";
    struct in6_addr six;
    const char *colon = strrchr(peer, ':');
    size_t len = colon ? (size_t)(colon - peer) : strlen(peer);
    bool brackets = *peer == '[' && len > 2;
    snprintf(host, sizeof(host), "%.*s", (int)len - (brackets ? 2 : 0), peer + (brackets ? 1 : 0));
    if (brackets && inet_pton(AF_INET6, host, &six) == 1) {
        memset(six.s6_addr + 8, 0, 8);
        inet_ntop(AF_INET6, &six, host, sizeof(host));
    }
    memcpy(out, host, sizeof(host));
}

static struct login_outcome *find_outcome(const struct login *login, const struct digest *of)
{
    for (struct login_outcome *at = login->outcomes; at; at = at->next)
        if (at->version == login->version && digest_equal(&at->credentials, of))
            return at;
    return NULL;
}

static struct login_outcome *add_outcome(struct login *login, const struct digest *of,
                                         const struct digest *who)
{
    struct login_outcome *outcome = mem_zero(1, sizeof(*outcome));
    outcome->credentials = *of;
    outcome->who = *who;
    outcome->version = login->version;
    outcome->next = login->outcomes;
    login->outcomes = outcome;
    return outcome;
}

/* Under the lock. Returns 0, or the status of the refusal. */
static int join(struct check *check, const struct digest *credentials, const struct digest *who)
{
    struct login *login = check->login;
    if (login->checks >= LOGIN_CHECKS_MAX)
        return 503;
    check->outcome = find_outcome(login, credentials);
    if (!check->outcome && !attempts_take(login->attempts, who, clock_ms()))
        return 429;
    if (!check->outcome)
        check->outcome = add_outcome(login, credentials, who);
    check->outcome->checks++;
    login->checks++;
    return 0;
}

/* All unknown names of an address share their attempts, so that names cannot be tried either. */
static int begin(struct check *check, const char *peer)
{
    struct login *login = check->login;
    char place[INET6_ADDRSTRLEN];
    struct digest credentials, who;
    place_of(peer, place);
    keyed_digest(&login->keyed, place, check->known ? check->name : "", &who);
    keyed_digest(&login->keyed, check->name, check->password, &credentials);
    pthread_mutex_lock(&login->lock);
    int status = join(check, &credentials, &who);
    pthread_mutex_unlock(&login->lock);
    return status;
}

/* Under the lock. The attempt counts when the password was wrong. */
static void leave(struct login *login, struct login_outcome *outcome)
{
    login->checks--;
    if (--outcome->checks)
        return;
    if (!outcome->wrong)
        attempts_give_back(login->attempts, &outcome->who);
    struct login_outcome **at = &login->outcomes;
    while (*at != outcome)
        at = &(*at)->next;
    *at = outcome->next;
    free(outcome);
}

/* Returns whether the request is to be answered anew: the password was right, or the files changed
 * meanwhile. */
static bool end(struct check *check, bool right)
{
    struct login *login = check->login;
    struct login_outcome *outcome = STEAL(check->outcome);
    pthread_mutex_lock(&login->lock);
    bool changed = outcome->version != login->version;
    if (right && !changed)
        known_logins_add(login->verified, &outcome->credentials);
    outcome->wrong = outcome->wrong || (!right && !changed);
    leave(login, outcome);
    pthread_mutex_unlock(&login->lock);
    return right || changed;
}

static bool is_wrong_already(const struct check *check)
{
    pthread_mutex_lock(&check->login->lock);
    bool wrong = check->outcome->wrong;
    pthread_mutex_unlock(&check->login->lock);
    return wrong;
}

static bool is_right(const struct check *check)
{
    if (is_wrong_already(check))
        return false;
    if (check->known && login_is_verified(check->login, check->name, check->password))
        return true;
    bool matches = password_matches(check->password, check->hash);
    return matches && check->known;
}

static int run(void *arg, const struct server_request *request, struct server_reply *reply,
               struct err *err)
{
    struct check *check = arg;
    (void)err;
    if (end(check, is_right(check)))
        reply->again = true;
    else
        login_refuse(check->login, request, reply, 401);
    return 0;
}

/* A check that never ran says nothing about the password. */
static void abandon(struct check *check)
{
    struct login *login = check->login;
    pthread_mutex_lock(&login->lock);
    leave(login, STEAL(check->outcome));
    pthread_mutex_unlock(&login->lock);
}

static void check_free(void *arg)
{
    struct check *check = arg;
    if (check->outcome)
        abandon(check);
    mem_wipe(check->password);
    free(check->name);
    free(check->hash);
    free(check);
}

void login_check(struct login *login, const struct htpasswd_user *user, const char *name,
                 const char *password, const struct server_request *request,
                 struct server_reply *reply)
{
    struct check *check = mem_zero(1, sizeof(*check));
    *check = (struct check){.login = login, .known = user != NULL};
    check->name = mem_dup(name);
    check->password = mem_dup(password);
    check->hash = mem_dup(user ? user->hash : login->files.htpasswd.users[0].hash);
    int status = begin(check, request->peer);
    if (status) {
        login_refuse(login, request, reply, status);
        check_free(check);
        return;
    }
    reply->job = (struct server_job){run, check_free, check};
}
