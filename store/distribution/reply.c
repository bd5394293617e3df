#include "store/distribution/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/file.h"
#include "base/json_write.h"
#include "base/mem.h"

void dist_page(struct server_reply *reply, const char *type)
{
    buf_release(&reply->page);
    buf_init(&reply->page, DIST_PAGE_MAX);
    reply->kind = REPLY_PAGE;
    reply->status = 200;
    dist_type(reply, type);
}

void dist_type(struct server_reply *reply, const char *type)
{
    reply->content_type = ""; /* the field tells */
    server_reply_field(reply, "Content-Type", type);
}

void dist_error(struct server_reply *reply, int status, const char *code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTO_FREE char *message = mem_vprintf(format, args);
    va_end(args);
    buf_clear(&reply->fields); /* of the reply that is not to be */
    reply->etag[0] = '\0';
    dist_page(reply, "application/json");
    reply->status = status;
    struct buf *out = &reply->page;
    json_begin_object(out);
    json_key(out, "errors");
    json_begin_array(out);
    json_begin_object(out);
    json_put_pair(out, "code", code);
    json_put_pair(out, "message", message);
    json_end_object(out);
    json_end_array(out);
    json_end_object(out);
    buf_add_char(out, '\n');
}

bool dist_read_digest(struct server_reply *reply, const char *text, struct digest_any *out)
{
    AUTO(err_release) struct err err = ERR_INIT;
    if (digest_any_parse(text, out, &err) == 0)
        return true;
    dist_error(reply, 400, "DIGEST_INVALID", "%s", err_text(&err));
    return false;
}

void dist_empty(struct server_reply *reply, int status)
{
    reply->kind = REPLY_EMPTY;
    reply->status = status;
}

void dist_digest(struct server_reply *reply, const char *digest)
{
    server_reply_field(reply, "Docker-Content-Digest", digest);
    snprintf(reply->etag, sizeof(reply->etag), "%.120s", digest);
}

void dist_field(struct server_reply *reply, const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTO_FREE char *value = mem_vprintf(format, args);
    va_end(args);
    server_reply_field(reply, name, value);
}

void dist_file(struct server_reply *reply, int fd, long long size)
{
    reply->kind = REPLY_FILE;
    reply->status = 200;
    reply->fd = fd;
    reply->size = size;
}

int dist_memory(const struct buf *bytes, int *fd, struct err *err)
{
    AUTO_CLOSE int made = memfd_create("blob", MFD_CLOEXEC);
    if (made < 0)
        return err_errno(err, "make a file in memory");
    int rc = file_write_all(made, buf_text(bytes), bytes->len, "a blob", err);
    if (!rc)
        *fd = STEAL_FD(made);
    return rc;
}
