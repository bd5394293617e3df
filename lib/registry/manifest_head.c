#include "registry/manifest_head.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "registry/calls.h"

void manifest_head_add(const struct repository *repo, struct manifest_head *head,
                       struct calls *calls)
{
    head->what = mem_printf("manifest %s", head->key);
    head->path = mem_printf("/v2/%s/manifests/%s", repo->path, head->key);
    head->call = (struct call){
        .method = "HEAD",
        .what = head->what,
        .host = repo->host,
        .path = head->path,
        .scope = repo->scope,
        .headers = {MANIFEST_ACCEPT},
        .follow = true,
        .apart = true,
        .one_try = head->one_try,
    };
    calls_add(calls, &head->call);
}

static bool is_of_type(const char *content_type, const char *type)
{
    size_t len = strlen(type);
    return content_type && strncmp(content_type, type, len) == 0 &&
           (!content_type[len] || strchr("; \t", content_type[len]));
}

static void settle(struct manifest_head *head)
{
    const struct response *response = &head->call.response;
    head->rc = err_move(&head->err, &head->call.err);
    if (head->rc)
        return;
    head->index = is_of_type(response->content_type, MEDIA_OCI_INDEX) ||
                  is_of_type(response->content_type, MEDIA_DOCKER_LIST);
    if (!response->content_digest ||
        digest_parse(response->content_digest, &head->digest, ERR_IGNORED) != 0)
        head->digest = (struct digest){0};
}

void manifest_head_take(struct manifest_head *head)
{
    settle(head);
    call_release(&head->call);
    free(head->what);
    free(head->path);
    head->what = head->path = NULL;
}

int manifest_heads(const struct repository *repo, struct manifest_head *heads, size_t count,
                   struct err *err)
{
    struct calls calls AUTO(calls_release) = {0};
    calls_begin(&calls, &repo->registry->transport);
    for (size_t i = 0; i < count; i++)
        manifest_head_add(repo, &heads[i], &calls);
    int rc = calls_finish(&calls, err);
    for (size_t i = 0; i < count; i++)
        manifest_head_take(&heads[i]);
    return rc;
}
