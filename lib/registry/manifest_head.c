#include "registry/manifest_head.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "registry/calls.h"

/* The texts of a request; owned. */
struct asked {
    char *what;
    char *path;
};

static void begin(const struct repository *repo, const struct manifest_head *head,
                  struct asked *asked, struct call *call)
{
    const char *key = head->key;
    asked->what = mem_printf("manifest %s", key);
    asked->path = mem_printf("/v2/%s/manifests/%s", repo->path, key);
    *call = (struct call){
        .method = "HEAD",
        .what = asked->what,
        .host = repo->host,
        .path = asked->path,
        .scope = repo->scope,
        .headers = {MANIFEST_ACCEPT},
        .follow = true,
        .apart = true,
        .one_try = head->one_try,
    };
}

static bool is_of_type(const char *content_type, const char *type)
{
    size_t len = strlen(type);
    return content_type && strncmp(content_type, type, len) == 0 &&
           (!content_type[len] || strchr("; \t", content_type[len]));
}

static void settle(struct call *call, struct manifest_head *head)
{
    const struct response *response = &call->response;
    head->rc = err_move(&head->err, &call->err);
    if (head->rc)
        return;
    head->index = is_of_type(response->content_type, MEDIA_OCI_INDEX) ||
                  is_of_type(response->content_type, MEDIA_DOCKER_LIST);
    if (!response->content_digest ||
        digest_parse(response->content_digest, &head->digest, ERR_IGNORED) != 0)
        head->digest = (struct digest){0};
}

int manifest_heads(const struct repository *repo, struct manifest_head *heads, size_t count,
                   struct err *err)
{
    AUTO_FREE struct call *calls = mem_zero(count, sizeof(*calls));
    AUTO_FREE struct asked *asked = mem_zero(count, sizeof(*asked));
    for (size_t i = 0; i < count; i++)
        begin(repo, &heads[i], &asked[i], &calls[i]);
    int rc = calls_run(&repo->registry->transport, calls, count, err);
    for (size_t i = 0; i < count; i++) {
        if (!rc)
            settle(&calls[i], &heads[i]);
        call_release(&calls[i]);
        free(asked[i].what);
        free(asked[i].path);
    }
    return rc;
}
