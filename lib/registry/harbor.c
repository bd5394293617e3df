#include "registry/harbor.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/percent.h"
#include "registry/calls.h"
#include "registry/page.h"

#define API "/api/v2.0"
#define PROJECTS API "/projects?page=1&page_size=100"

/* Is that the public answer of systeminfo, which every version of this API has? */
static bool is_info(const struct buf *data)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    return json_doc_parse(buf_text(data), data->len, &doc, ERR_IGNORED) == 0 &&
           (json_member_text(doc, "harbor_version") || json_member_text(doc, "auth_mode"));
}

int harbor_detect(struct registry *registry, struct host *host, bool *out, struct err *err)
{
    struct buf data AUTO(buf_release) = BUF_INIT(HARBOR_INFO_MAX);
    struct body_sink sink AUTO(body_sink_release) = {.fd = -1, .data = &data, .size = -1};
    struct call call AUTO(call_release) = {
        .method = "GET",
        .what = "the system's information",
        .host = host,
        .path = API "/systeminfo",
        .sink = &sink,
        .one_try = true,
        .tolerant = true,
    };
    if (!host->harbor) {
        int rc = calls_run(&registry->transport, &call, 1, err);
        if (rc && (rc == ERR_INTERRUPTED || !call.response.status)) /* the real calls fail too */
            return rc;
        err_release(err);
        bool there = !rc && !call.rc && call.response.status == 200 && is_info(&data);
        host->harbor = there ? 1 : -1;
        notice_say(registry->transport.options->notice, NOTICE_DEBUG, "%s: %s Harbor", host->name,
                   there ? "a" : "no");
    }
    *out = host->harbor > 0;
    return 0;
}

/* The path "/api/v2.0/projects/P/repositories/R", where R is encoded twice: "a%252Fb" for
 * "P/a/b". */
static char *repository_path(const char *repository)
{
    struct buf path = BUF_INIT(64 + 5 * REF_NAME_MAX);
    struct buf once AUTO(buf_release) = BUF_INIT(3 * REF_NAME_MAX);
    size_t project = strcspn(repository, "/");
    buf_printf(&path, API "/projects/%.*s/repositories/", (int)project, repository);
    const char *rest = repository + project + (repository[project] == '/');
    percent_add(&once, rest, strlen(rest), "");
    percent_add(&path, buf_text(&once), once.len, "");
    return buf_steal(&path);
}

static int not_a_list(const struct host *host, struct err *err)
{
    return err_set(err, ERR_DAMAGED, "the answer of %s is not a list", host->name);
}

/* A list of objects with a name. */
struct named {
    const struct host *host;
    const char *key;
    struct name_list *list;
};

static int take_names(void *arg, const struct json_t *page, size_t *count, struct err *err)
{
    const struct named *named = arg;
    if (!json_is_arr(page))
        return not_a_list(named->host, err);
    name_list_add_all(named->list, page, named->key);
    *count = json_arr_len(page);
    return 0;
}

static int walk_names(const struct client_request *request, struct name_list *out, struct err *err)
{
    struct named named = {request->host, "name", out};
    return page_walk(request, take_names, &named, err);
}

/* For Harbor before 2.3, which has no list of all repositories. (A robot needs the right to list
 * for the repositories of one project; for the list of all, it needs none.) */
static int list_by_project(struct registry *registry, struct host *host, struct name_list *out,
                           struct err *err)
{
    AUTO(name_list_release)
    struct name_list projects = {.kind = NAME_REPOSITORY, .notice = out->notice};
    struct client_request request = {registry, host, "projects", PROJECTS, AUTH_SCOPE_API};
    int rc = walk_names(&request, &projects, err);
    for (size_t i = 0; !rc && i < projects.names.count; i++) {
        const char *project = projects.names.items[i];
        AUTO_FREE char *what = mem_printf("repositories of the project %s", project);
        AUTO_FREE char *path =
            mem_printf(API "/projects/%s/repositories?page=1&page_size=100", project);
        if (strchr(project, '/'))
            continue;
        request.what = what;
        request.path = path;
        rc = walk_names(&request, out, err);
        if (rc && rc != ERR_DENIED && rc != ERR_NOT_FOUND)
            return rc;
        if (rc) /* the project is closed to this account, or was removed meanwhile */
            notice_say(out->notice, NOTICE_WARNING, "%s", err_text(err));
        err_release(err);
        rc = 0;
    }
    return rc;
}

/* Can a name contain the term? Harbor would take other characters for a part of its query. */
static bool can_match(const char *term)
{
    static const char known[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/";
    return !term[strspn(term, known)];
}

int harbor_repositories(struct registry *registry, struct host *host, const char *term,
                        struct name_list *out, struct err *err)
{
    AUTO_FREE char *query = term ? mem_printf("q=name%%3D~%s&", term) : mem_dup("");
    AUTO_FREE char *path = mem_printf(API "/repositories?%spage=1&page_size=100", query);
    if (term && !can_match(term))
        return 0;
    const struct client_request request = {registry, host, "repositories", path, AUTH_SCOPE_API};
    int rc = walk_names(&request, out, err);
    if (rc != ERR_NOT_FOUND)
        return rc;
    err_release(err);
    return list_by_project(registry, host, out, err);
}

int harbor_check_login(struct registry *registry, struct host *host, struct err *err)
{
    bool known = false;
    struct call call AUTO(call_release) = {
        .method = "GET",
        .what = "the current user",
        .host = host,
        .path = API "/users/current",
        .scope = AUTH_SCOPE_API,
        .tolerant = true, /* a robot gets a 412 */
    };
    int rc = auth_find_credential(registry->auth, host, &known, err);
    if (rc)
        return rc;
    if (!known) {
        notice_say(registry->transport.options->notice, NOTICE_INFO,
                   "%s: without a login, only what is public is listed (wasme login %s)",
                   host->name, host->name);
        return 0;
    }
    return calls_run(&registry->transport, &call, 1, err);
}

/* --- Artifacts --- */

void harbor_artifact_release(struct harbor_artifact *artifact)
{
    registry_names_release(&artifact->tags);
}

static int read_artifact(const struct json_t *json, const struct notice *notice,
                         struct harbor_artifact *out, struct err *err)
{
    AUTO(name_list_release) struct name_list tags = {.kind = NAME_TAG, .notice = notice};
    const char *digest = json_member_text(json, "digest");
    const char *pushed = json_member_text(json, "push_time");
    const struct json_t *list = json_member(json, "tags");
    *out = (struct harbor_artifact){.size = json_member_size(json, "size", INT64_MAX)};
    if (!digest || digest_parse(digest, &out->digest, ERR_IGNORED) != 0)
        return err_set(err, ERR_DAMAGED, "an artifact without a digest");
    if (!pushed || !clock_parse(pushed, &out->pushed))
        out->pushed = 0;
    for (size_t i = 0; i < json_arr_len(list) && i < HARBOR_TAGS_MAX; i++)
        name_list_add(&tags, json_member_text(json_arr_at(list, i), "name"));
    name_list_finish(&tags, &out->tags);
    return 0;
}

/* A list of artifacts while it is fetched. */
struct artifact_walk {
    const struct host *host;
    const struct notice *notice;
    const struct harbor_artifacts *list;
    char *what; /* owned, as `path` */
    char *path;
};

static int take_artifacts(void *arg, const struct json_t *page, size_t *count, struct err *err)
{
    const struct artifact_walk *walk = arg;
    const struct harbor_artifacts *list = walk->list;
    const char *of = list->project ? list->project : list->repository;
    if (!json_is_arr(page))
        return not_a_list(walk->host, err);
    *count = json_arr_len(page);
    for (size_t i = 0; i < *count; i++) {
        AUTO(harbor_artifact_release) struct harbor_artifact artifact = {0};
        const struct json_t *json = json_arr_at(page, i);
        const char *repository =
            list->project ? json_member_text(json, "repository_name") : list->repository;
        if (read_artifact(json, walk->notice, &artifact, err) != 0) {
            notice_say(walk->notice, NOTICE_WARNING, "%s/%s: %s: left out", walk->host->name, of,
                       err_text(err));
            err_release(err);
            continue;
        }
        int rc = repository ? list->visit(list->arg, repository, &artifact, err) : 0;
        if (rc)
            return rc;
    }
    return 0;
}

static void artifacts_begin(struct registry *registry, struct host *host,
                            const struct harbor_artifacts *list, struct artifact_walk *artifacts,
                            struct page_walk *walk)
{
    AUTO_FREE char *base = list->project ? mem_printf(API "/projects/%s", list->project)
                                         : repository_path(list->repository);
    *artifacts = (struct artifact_walk){
        .host = host,
        .notice = registry->transport.options->notice,
        .list = list,
        .what = mem_printf("artifacts of %s", list->project ? list->project : list->repository),
        .path =
            mem_printf("%s/artifacts?with_tag=true&with_label=false&page=1&page_size=100", base),
    };
    *walk = (struct page_walk){
        .request = {registry, host, artifacts->what, artifacts->path, AUTH_SCOPE_API},
        .take = take_artifacts,
        .arg = artifacts,
    };
}

int harbor_artifacts(struct registry *registry, struct host *host, struct harbor_artifacts *lists,
                     size_t count, struct err *err)
{
    AUTO_FREE struct artifact_walk *artifacts = mem_zero(count, sizeof(*artifacts));
    AUTO_FREE struct page_walk *walks = mem_zero(count, sizeof(*walks));
    for (size_t i = 0; i < count; i++)
        artifacts_begin(registry, host, &lists[i], &artifacts[i], &walks[i]);
    int rc = page_walk_all(walks, count, err);
    for (size_t i = 0; i < count; i++) {
        lists[i].rc = err_move(&lists[i].err, &walks[i].err);
        free(artifacts[i].what);
        free(artifacts[i].path);
    }
    return rc;
}

int harbor_artifact(const struct repository *repo, const char *key, struct harbor_artifact *out,
                    struct err *err)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    AUTO_FREE char *base = repository_path(repo->path);
    AUTO_FREE char *path = mem_printf("%s/artifacts/%s?with_tag=true", base, key);
    AUTO_FREE char *what = mem_printf("artifact %s", key);
    const struct client_request request = {repo->registry, repo->host, what, path, AUTH_SCOPE_API};
    int rc = page_get(&request, &doc, err);
    if (!rc)
        rc = read_artifact(doc, repo->registry->transport.options->notice, out, err);
    return rc;
}

int harbor_remove_tag(const struct repository *repo, const char *key, const char *tag,
                      struct err *err)
{
    int status = 0;
    AUTO_FREE char *base = repository_path(repo->path);
    AUTO_FREE char *path = mem_printf("%s/artifacts/%s/tags/%s", base, key, tag);
    AUTO_FREE char *what = mem_printf("tag %s", tag);
    const struct client_request request = {repo->registry, repo->host, what, path, AUTH_SCOPE_API};
    return client_delete(&request, &status, err);
}

int harbor_remove_artifact(const struct repository *repo, const struct digest *digest,
                           struct err *err)
{
    int status = 0;
    AUTO_FREE char *base = repository_path(repo->path);
    AUTO_FREE char *path = mem_printf("%s/artifacts/%s", base, digest->text);
    AUTO_FREE char *what = mem_printf("artifact %s", digest->text);
    const struct client_request request = {repo->registry, repo->host, what, path, AUTH_SCOPE_API};
    return client_delete(&request, &status, err);
}
