#include "registry/discovery.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "registry/answer.h"
#include "registry/harbor.h"
#include "registry/login.h"
#include "registry/page.h"

/* Items of a page: the most that registries with the default of distribution allow. */
#define PAGE_ITEMS "1000"

/* A list whose pages are {"tags":[…]} or {"repositories":[…]}. */
struct listing {
    const char *key;
    const struct host *host;
    struct name_list list;
};

static int take(void *arg, const struct json_t *page, size_t *count, struct err *err)
{
    struct listing *listing = arg;
    const struct json_t *names = json_member(page, listing->key);
    if (!json_is_arr(names) && !json_is_nul(names)) /* null: all items were removed */
        return answer_refuse(listing->host->address, 200,
                             strcmp(listing->key, "tags") == 0 ? "with no list of tags"
                                                               : "with no list of repositories",
                             err);
    name_list_add_all(&listing->list, names, NULL);
    *count = json_arr_len(names);
    return 0;
}

static const struct notice *notice_of(const struct registry *registry)
{
    return registry->transport.options->notice;
}

/* The tags of a repository while they are fetched. */
struct tags_walk {
    struct repository repo;
    struct listing listing;
    char *what; /* owned, as `path` */
    char *path;
};

static void tags_begin(struct registry *registry, const struct ref *ref, struct tags_walk *tags,
                       struct page_walk *walk)
{
    repository_init(&tags->repo, registry, ref, "pull");
    tags->listing = (struct listing){
        "tags", tags->repo.host, {.kind = NAME_TAG, .notice = notice_of(registry)}};
    tags->what = mem_printf("tags of %s", tags->repo.path);
    tags->path = mem_printf("/v2/%s/tags/list?n=" PAGE_ITEMS, tags->repo.path);
    *walk = (struct page_walk){
        .request = {registry, tags->repo.host, tags->what, tags->path, tags->repo.scope},
        .take = take,
        .arg = &tags->listing,
    };
}

static void tags_release(struct tags_walk *tags)
{
    name_list_release(&tags->listing.list);
    repository_release(&tags->repo);
    free(tags->what);
    free(tags->path);
}

int registry_tags_all(struct registry *registry, struct registry_tags_request *requests,
                      size_t count, struct err *err)
{
    AUTO_FREE struct tags_walk *tags = mem_zero(count, sizeof(*tags));
    AUTO_FREE struct page_walk *walks = mem_zero(count, sizeof(*walks));
    for (size_t i = 0; i < count; i++)
        tags_begin(registry, requests[i].ref, &tags[i], &walks[i]);
    int rc = page_walk_all(walks, count, err);
    for (size_t i = 0; i < count; i++) {
        requests[i].rc = err_move(&requests[i].err, &walks[i].err);
        if (!rc && !requests[i].rc)
            name_list_finish(&tags[i].listing.list, &requests[i].tags);
        tags_release(&tags[i]);
    }
    return rc;
}

int registry_tags(struct registry *registry, const struct ref *ref, struct registry_names *out,
                  struct err *err)
{
    struct registry_tags_request request = {.ref = ref};
    int rc = registry_tags_all(registry, &request, 1, err);
    if (!rc)
        rc = err_move(err, &request.err);
    err_release(&request.err);
    if (!rc)
        *out = request.tags;
    return rc;
}

/* Explains the answers of registries that do not show this account a list. */
static int explain_closed(const struct host *host, int rc, struct err *err)
{
    if (rc != ERR_DENIED && rc != ERR_NOT_FOUND && rc != ERR_FAILED)
        return rc;
    AUTO_FREE char *words = mem_dup(err_text(err));
    if (rc == ERR_NOT_FOUND)
        return err_set(err, rc,
                       "%s: there is no such list: either no registry is there (check the name and "
                       "the port), or one that lists its repositories to nobody: name the one you "
                       "mean: wasme tags %s/NAME",
                       words, host->name);
    return err_set(err, rc,
                   "%s: many registries list their repositories to administrators only, or to "
                   "nobody: name the one you mean: wasme tags %s/NAME",
                   words, host->name);
}

static int list_catalog(struct registry *registry, struct host *host, struct name_list *out,
                        struct err *err)
{
    struct listing listing = {"repositories", host, *out};
    struct client_request request = {registry, host, "catalog", "/v2/_catalog?n=" PAGE_ITEMS,
                                     "registry:catalog:*"};
    int rc = page_walk(&request, take, &listing, err);
    *out = listing.list;
    return rc && host->settled ? explain_closed(host, rc, err) : rc;
}

static int refuse_hub(const struct host *host, struct err *err)
{
    return err_set(err, ERR_UNSUPPORTED,
                   "%s (Docker Hub) lists its repositories to nobody: search on the page "
                   "hub.docker.com, and then: wasme tags %s/OWNER/NAME; or name another registry",
                   host->name, host->name);
}

/* Lists all repositories, or those that Harbor finds for the term. The login is checked first,
 * since without a login, or with one that is not taken, many registries list only public
 * repositories. */
static int find_repositories(struct registry *registry, struct host *host, const char *term,
                             struct name_list *out, struct err *err)
{
    bool harbor = false;
    if (strcmp(host->name, "docker.io") == 0)
        return refuse_hub(host, err);
    int rc = harbor_detect(registry, host, &harbor, err);
    if (!rc)
        rc = harbor ? harbor_check_login(registry, host, err) : registry_prove(registry, host, err);
    if (rc)
        return rc;
    return harbor ? harbor_repositories(registry, host, term, out, err)
                  : list_catalog(registry, host, out, err);
}

static void keep_matching(struct registry_names *names, const char *term)
{
    size_t kept = 0;
    for (size_t i = 0; i < names->count; i++) {
        if (strcasestr(names->items[i], term))
            names->items[kept++] = names->items[i];
        else
            free(names->items[i]);
    }
    names->count = kept;
}

static int find(struct registry *registry, const char *server, const char *term,
                struct registry_names *out, struct err *err)
{
    AUTO(name_list_release)
    struct name_list list = {.kind = NAME_REPOSITORY, .notice = notice_of(registry)};
    struct host *host = transport_host(&registry->transport, server);
    int rc = find_repositories(registry, host, term, &list, err);
    if (rc)
        return rc;
    name_list_finish(&list, out);
    if (term)
        keep_matching(out, term);
    return 0;
}

int registry_catalog(struct registry *registry, const char *server, struct registry_names *out,
                     struct err *err)
{
    return find(registry, server, NULL, out, err);
}

int registry_search(struct registry *registry, const char *server, const char *term,
                    struct registry_names *out, struct err *err)
{
    return find(registry, server, term, out, err);
}
