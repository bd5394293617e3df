#include "git/remote.h"

#include <string.h>

#include "base/mem.h"
#include "git/advert.h"
#include "git/pack.h"
#include "git/smart_http.h"
#include "git/smart_ssh.h"

enum { REQUEST_MAX = 64 * 1024 * 1024 };

/* The way to the server: one of them is open. */
struct way {
    struct smart_http *http;
    struct smart_ssh *ssh;
};

static void way_close(struct way *way)
{
    smart_http_close_at(&way->http);
    smart_ssh_close_at(&way->ssh);
}

static int way_open(const struct git_options *options, const struct remote_wish *wish,
                    struct way *way, struct err *err)
{
    if (wish->at->scheme == GIT_SCHEME_SSH)
        return smart_ssh_open(options, wish->at, &way->ssh, err);
    return smart_http_open(options, wish->at, wish->folder, wish->may_ask, &way->http, err);
}

static int way_list(const struct way *way, struct advert *advert, struct err *err)
{
    return way->ssh ? smart_ssh_list(way->ssh, advert, err)
                    : smart_http_list(way->http, advert, err);
}

static int way_fetch(const struct way *way, const struct buf *request, struct pack_reader *pack,
                     struct err *err)
{
    return way->ssh ? smart_ssh_fetch(way->ssh, request, pack, err)
                    : smart_http_fetch(way->http, request, pack, err);
}

/* Asks for one object; or for all branches and tags, when the server does not give a commit by its
 * id. */
static int fetch(const struct git_options *options, const struct way *way,
                 const struct advert *advert, const struct remote_wish *wish,
                 const struct objects *objects, const char *id, struct err *err)
{
    AUTO(pack_free_at) struct pack_reader *pack = pack_new(objects, wish->received);
    AUTO(buf_release) struct buf request = BUF_INIT(REQUEST_MAX);
    pack_request(advert, id, options->user_agent, &request);
    if (buf_overflowed(&request))
        return err_set(err, ERR_FAILED, "there are too many branches and tags to ask for them all");
    return way_fetch(way, &request, pack, err);
}

int remote_fetch(const struct git_options *options, const struct remote_wish *wish,
                 const struct objects *objects, char id[GIT_ID_LEN + 1], struct err *err)
{
    AUTO(way_close) struct way way = {0};
    AUTO(advert_free_at) struct advert *advert = advert_new(wish->at->scheme != GIT_SCHEME_SSH);
    const struct ref_name *ref = NULL;
    int rc = way_open(options, wish, &way, err);
    if (!rc)
        rc = way_list(&way, advert, err);
    if (!rc)
        rc = refs_choose(&advert->refs, wish->ref, &ref, err);
    if (rc)
        return rc;
    if (!ref && !advert->refs.count)
        return err_set(err, ERR_NOT_FOUND, "the repository is empty: it has no branch and no tag");
    memcpy(id, ref ? ref->id : wish->ref, GIT_ID_LEN);
    id[GIT_ID_LEN] = '\0';
    rc = fetch(options, &way, advert, wish, objects, ref || advert->any_commit ? id : NULL, err);
    if (rc == ERR_NOT_FOUND)
        return err_set(err, rc, "the repository has no commit %s that its server gives", id);
    return rc;
}
