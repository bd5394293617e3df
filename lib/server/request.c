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
    char *memory = mem_alloc(size + request->fields_size + 1), *at = memory;
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (!*texts[i])
            continue;
        size_t len = strlen(*texts[i]) + 1;
        memcpy(at, *texts[i], len);
        *texts[i] = at;
        at += len;
    }
    if (request->fields_size) {
        memcpy(at, request->fields, request->fields_size);
        out->fields = at;
    }
    return memory;
}

/* The parser has put a NUL behind each name and each value; the line ends are still there. */
bool request_next_field(const struct server_request *request, size_t *at, struct request_field *out)
{
    if (*at >= request->fields_size)
        return false;
    const char *name = request->fields + *at, *end = request->fields + request->fields_size;
    const char *value = name + strlen(name) + 1;
    value += strspn(value, " \t");
    const char *newline = memchr(value, '\n', (size_t)(end - value));
    *out = (struct request_field){name, value};
    *at = newline ? (size_t)(newline + 1 - request->fields) : request->fields_size;
    return true;
}
