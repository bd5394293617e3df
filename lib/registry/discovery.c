#include "registry/discovery.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "registry/harbor.h"
#include "registry/page.h"

/* Of a page: what registries take at the most, as far as they follow distribution's default. */
#define PAGE_ITEMS "1000"

/* A page of {"tags":[…]} or {"repositories":[…]}. */
struct listing {
    const char *key;
    struct name_list list;
};

static int take(void *arg, const struct json_t *page, size_t *count, struct err *err)
{
    struct listing *listing = arg;
    const struct json_t *names = json_member(page, listing->key);
    if (!json_is_arr(names) && !json_is_nul(names)) /* null: it had some */
        return err_set(err, ERR_DAMAGED, "the answer has no list of %s", listing->key);
    name_list_add_all(&listing->list, names, NULL);
    *count = json_arr_len(names);
    return 0;
}

static const struct notice *notice_of(const struct registry *registry)
{
    return registry->transport.options->notice;
}

int registry_tags(struct registry *registry, const struct ref *ref, struct registry_names *out,
                  struct err *err)
{
    struct repository repo AUTO(repository_release) = {0};
    struct listing listing = {"tags", {.kind = NAME_TAG, .notice = notice_of(registry)}};
    repository_init(&repo, registry, ref, "pull");
    AUTO_FREE char *what = mem_printf("tags of %s", repo.path);
    AUTO_FREE char *path = mem_printf("/v2/%s/tags/list?n=" PAGE_ITEMS, repo.path);
    struct page_request request = {registry, repo.host, what, path, repo.scope};
    int rc = page_walk(&request, take, &listing, err);
    if (!rc)
        name_list_finish(&listing.list, out);
    name_list_release(&listing.list);
    return rc;
}

/* Who has no list for us, says so in one of these ways. */
static int explain_closed(const struct host *host, int rc, struct err *err)
{
    if (rc != ERR_DENIED && rc != ERR_NOT_FOUND && rc != ERR_FAILED)
        return rc;
    AUTO_FREE char *words = mem_dup(err_text(err));
    return err_set(err, rc,
                   "%s: many registries list their repositories to administrators only, or to "
                   "nobody: name the one you mean: wasme tags %s/NAME",
                   words, host->name);
}

static int list_catalog(struct registry *registry, struct host *host, struct name_list *out,
                        struct err *err)
{
    struct listing listing = {"repositories", *out};
    struct page_request request = {registry, host, "catalog", "/v2/_catalog?n=" PAGE_ITEMS,
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

/* All repositories, or those that Harbor finds for the term. */
static int list_repositories(struct registry *registry, struct host *host, const char *term,
                             bool *searched, struct name_list *out, struct err *err)
{
    bool harbor = false;
    if (strcmp(host->name, "docker.io") == 0)
        return refuse_hub(host, err);
    int rc = harbor_is_there(registry, host, &harbor, err);
    if (rc)
        return rc;
    *searched = harbor && term;
    if (*searched)
        return harbor_search(registry, host, term, out, err);
    if (harbor)
        return harbor_repositories(registry, host, out, err);
    return list_catalog(registry, host, out, err);
}

static void keep_matching(struct registry_names *names, const char *term)
{
    size_t kept = 0;
    for (size_t i = 0; i < names->count; i++) {
        if (strstr(names->items[i], term))
            names->items[kept++] = names->items[i];
        else
            free(names->items[i]);
    }
    names->count = kept;
}

static int find(struct registry *registry, const char *server, const char *term,
                struct registry_names *out, struct err *err)
{
    struct err problem AUTO(err_release) = ERR_INIT;
    AUTO(name_list_release)
    struct name_list list = {.kind = NAME_REPOSITORY, .notice = notice_of(registry)};
    struct host *host = transport_host(&registry->transport, server);
    bool searched = false;
    int rc = list_repositories(registry, host, term, &searched, &list, &problem);
    if (rc)
        return err_set(err, rc, "%s", err_text(&problem));
    name_list_finish(&list, out);
    if (term && !searched)
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
