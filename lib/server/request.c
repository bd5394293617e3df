#include "server/request.h"

#include <string.h>

#include "base/mem.h"

void request_init(struct server_request *request)
{
    *request = (struct server_request){
        .method = "-", .target = "-", .agent = "", .peer = "", .content_length = -1};
}

bool request_reads(const struct server_request *request)
{
    return strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
}

char *request_copy(const struct server_request *request, struct server_request *out)
{
    *out = *request;
    const char **texts[] = {
        &out->method,
        &out->target,
        &out->path,
        &out->query,
        &out->agent,
        &out->host,
        &out->accept,
        &out->if_match,
        &out->if_none_match,
        &out->authorization,
        &out->content_type,
        &out->content_range,
        &out->if_modified_since,
        &out->if_range,
        &out->if_unmodified_since,
        &out->range,
        &out->peer,
        &out->user,
    };
    size_t size = 0;
    for (size_t i = 0; i < COUNT(texts); i++)
        size += *texts[i] ? strlen(*texts[i]) + 1 : 0;
    char *memory = mem_alloc(size), *at = memory;
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (!*texts[i])
            continue;
        size_t len = strlen(*texts[i]) + 1;
        memcpy(at, *texts[i], len);
        *texts[i] = at;
        at += len;
    }
    return memory;
}
