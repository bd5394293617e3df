#include "git/smart_http.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "git/exchange.h"
#include "git/login.h"
#include "http/reach.h"
#include "http/url.h"

#define SERVICE "git-upload-pack"
#define LIST_PATH "/info/refs?service=" SERVICE

struct smart_http {
    const struct git_options *options;
    const struct git_spec *at;
    const char *folder;
    bool may_ask;
    struct git_exchange_site *site; /* owned */
    char *base;                     /* owned: where the repository is, after redirects */
    struct git_login login;         /* of the origin of `base` alone */
    bool has_login;
    bool told;
    bool redirected;      /* to another origin */
    struct sender sender; /* the server that did so */
};

/* The part of the network that the address belongs to, as it is written. */
static enum host_kind written_kind(const char *url)
{
    const char *host = strstr(url, "://") + 3;
    AUTO_FREE char *name = mem_dup_n(host, strcspn(host, "/"));
    return host_kind(name);
}

static bool is_this_machine(const char *url)
{
    return written_kind(url) == HOST_LOOPBACK;
}

static int check_plain(const struct git_options *options, const char *url, struct err *err)
{
    if (strncmp(url, "https:", 6) == 0 || options->plain_http || is_this_machine(url))
        return 0;
    return err_set(err, ERR_USAGE,
                   "plain http shows and trusts everything on the way: take https://, or allow it "
                   "with --plain-http");
}

int smart_http_open(const struct git_options *options, const struct git_spec *at,
                    const char *folder, bool may_ask, struct smart_http **out, struct err *err)
{
    int rc = check_plain(options, at->url, err);
    if (rc)
        return rc;
    AUTO(smart_http_close_at) struct smart_http *smart = mem_zero(1, sizeof(*smart));
    smart->options = options;
    smart->at = at;
    smart->folder = folder;
    smart->may_ask = may_ask;
    smart->base = mem_dup(at->url);
    size_t len = strlen(smart->base);
    while (len && smart->base[len - 1] == '/')
        smart->base[--len] = '\0';
    rc = git_exchange_open(options, &smart->site, err);
    if (rc)
        return rc;
    *out = STEAL(smart);
    return 0;
}

void smart_http_close_at(struct smart_http **smart)
{
    if (*smart) {
        git_exchange_close(&(*smart)->site);
        git_login_release(&(*smart)->login);
        free((*smart)->base);
    }
    free(*smart);
    *smart = NULL;
}

/* The login of the address counts for its own origin only. After a redirect to another, nobody is
 * logged in. */
static int find_login(struct smart_http *smart, struct err *err)
{
    const struct git_spec *at = smart->at;
    if (!url_same_origin(smart->base, at->url))
        return err_set(err, ERR_DENIED,
                       "it redirects to %s, which wants a login, and a login is not carried to "
                       "another server: name that address",
                       smart->base);
    if (at->user && at->password) {
        smart->login.credential.username = mem_dup(at->user);
        smart->login.credential.password = mem_dup(at->password);
    } else if (!smart->may_ask) {
        return err_set(err, ERR_DENIED,
                       "it wants a login, and a submodule on another server than its repository "
                       "gets none");
    } else {
        int rc = git_login_find(smart->options, at, smart->folder, &smart->login, err);
        if (rc)
            return rc;
    }
    smart->has_login = true;
    return 0;
}

static int refused(struct smart_http *smart, const struct git_exchange *exchange, struct err *err)
{
    if (!exchange->basic)
        return err_set(err, ERR_DENIED,
                       "the server wants a login of another kind than Basic, which wasme cannot "
                       "give: take its address of ssh");
    if (!smart->has_login)
        return find_login(smart, err);
    git_login_tell(smart->options, smart->at, smart->folder, &smart->login, false);
    return err_set(err, ERR_DENIED, "the server refuses the login of %s: %s",
                   smart->login.credential.username,
                   smart->login.from_helper ? "git's helper has been told so; log in again"
                                            : "check the user and the password in the address");
}

/* Goes on at another server, without the login. */
static int leave(struct smart_http *smart, const struct git_exchange *exchange, const char *target,
                 struct err *err)
{
    struct sender by = {written_kind(smart->base), exchange->reached};
    smart->sender = smart->redirected ? sender_join(smart->sender, by) : by;
    smart->redirected = true;
    git_login_release(&smart->login);
    smart->has_login = false;
    return sender_may_name(smart->sender, written_kind(target))
               ? 0
               : err_set(err, ERR_FAILED,
                         "that is a network that only its own machines may name: name that "
                         "address yourself");
}

/* The new place of the repository, when a redirect keeps the path of the request. */
static int follow(struct smart_http *smart, const struct git_exchange *exchange, struct err *err)
{
    AUTO_FREE char *target = NULL;
    int rc = url_join(exchange->url, exchange->location ? exchange->location : "", &target, err);
    if (rc)
        return rc;
    size_t len = strlen(target);
    size_t tail = strlen(LIST_PATH);
    if (len <= tail || strcmp(target + len - tail, LIST_PATH) != 0 || strchr(target, '@'))
        return err_set(err, ERR_FAILED,
                       "it redirects to %.300s, which is no address of git: name the new address",
                       target);
    if (strncmp(smart->base, "https:", 6) == 0 && strncmp(target, "https:", 6) != 0)
        return err_set(err, ERR_FAILED, "it redirects from https to %.300s, which is not followed",
                       target);
    rc = check_plain(smart->options, target, err);
    if (!rc && !url_same_origin(smart->base, target))
        rc = leave(smart, exchange, target, err);
    if (rc)
        return err_wrap(err, "it redirects to %.300s", target);
    target[len - tail] = '\0';
    free(smart->base);
    smart->base = STEAL(target);
    return 0;
}

static int check_status(const struct git_exchange *exchange, struct err *err)
{
    if (exchange->status == 404)
        return err_set(err, ERR_NOT_FOUND,
                       "the server answers with 404: there is no repository at that address, or "
                       "the login may not see it");
    if (exchange->status != 200)
        return err_set(err, ERR_FAILED, "the server answers with %d", exchange->status);
    return 0;
}

/* Makes the request, with a login when the server wants one. */
static int request(struct smart_http *smart, struct git_exchange *exchange, struct err *err)
{
    for (int redirects = 0;;) {
        AUTO_FREE char *url =
            mem_printf("%s%s", smart->base, exchange->body ? "/" SERVICE : LIST_PATH);
        AUTO(credential_wipe)
        char *line = smart->has_login ? credential_basic(&smart->login.credential) : NULL;
        exchange->url = url;
        exchange->authorization = line;
        exchange->sender = smart->redirected ? &smart->sender : NULL;
        int rc = git_exchange_run(smart->site, exchange, err);
        if (rc)
            return rc;
        if (exchange->status == 401)
            rc = refused(smart, exchange, err);
        else if (exchange->status / 100 == 3 && !exchange->body && redirects++ < GIT_REDIRECTS_MAX)
            rc = follow(smart, exchange, err);
        else if (exchange->status / 100 == 3)
            return err_set(err, ERR_FAILED, "the server redirects too often, or a second time");
        else
            return check_status(exchange, err);
        if (rc)
            return rc;
    }
}

static void tell_accepted(struct smart_http *smart)
{
    if (smart->has_login && !smart->told)
        git_login_tell(smart->options, smart->at, smart->folder, &smart->login, true);
    smart->told = true;
}

static int to_advert(void *arg, const char *data, size_t len, struct err *err)
{
    return advert_feed(arg, data, len, err);
}

int smart_http_list(struct smart_http *smart, struct advert *advert, struct err *err)
{
    AUTO(git_exchange_release)
    struct git_exchange exchange = {
        .type = "application/x-" SERVICE "-advertisement", .take = to_advert, .arg = advert};
    int rc = request(smart, &exchange, err);
    if (rc)
        return rc;
    tell_accepted(smart);
    if (!exchange.right_type)
        return err_set(err, ERR_FAILED,
                       "there is no git repository at that address: the server answers with "
                       "something else");
    return advert_check(advert, err);
}

static int to_pack(void *arg, const char *data, size_t len, struct err *err)
{
    return pack_feed(arg, data, len, err);
}

int smart_http_fetch(struct smart_http *smart, const struct buf *body, struct pack_reader *pack,
                     struct err *err)
{
    AUTO(git_exchange_release)
    struct git_exchange exchange = {.type = "application/x-" SERVICE "-result",
                                    .body = body,
                                    .body_type = "Content-Type: application/x-" SERVICE "-request",
                                    .take = to_pack,
                                    .arg = pack};
    int rc = request(smart, &exchange, err);
    if (!rc && !exchange.right_type)
        rc = err_set(err, ERR_FAILED, "the server answers with something else than objects");
    return rc ? rc : pack_finish(pack, err);
}
