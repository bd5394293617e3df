#include "server/reply.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void reply_init(struct server_reply *reply)
{
    *reply = (struct server_reply){.fd = -1};
    buf_init(&reply->fields, REPLY_FIELDS_MAX);
}

void reply_release(struct server_reply *reply)
{
    if (reply->fd >= 0)
        close(reply->fd);
    buf_release(&reply->page);
    buf_release(&reply->fields);
    free(reply->keep_path);
    reply_init(reply);
}

void reply_free_job(struct server_job *job)
{
    if (job->run && job->free)
        job->free(job->arg);
    *job = (struct server_job){0};
}

void server_reply_status(struct server_reply *reply, int status)
{
    reply->kind = REPLY_STATUS;
    reply->status = status;
}

/* A value goes into the header as it is, and must not end its line there. */
static bool is_plain(const char *value)
{
    for (; *value; value++) {
        if ((unsigned char)*value < 0x20 || *value == 0x7f)
            return false;
    }
    return true;
}

void server_reply_field(struct server_reply *reply, const char *name, const char *value)
{
    buf_printf(&reply->fields, "%s: %s\r\n", name, value);
    reply->unfit |= !is_plain(value) || buf_overflowed(&reply->fields);
}

bool server_reply_unless_read(const struct server_request *request, struct server_reply *reply)
{
    if (!request_reads(request))
        server_reply_status(reply, 405);
    else if (request->transfer_encoding)
        server_reply_status(reply, 501);
    else
        return !request->path;
    return true;
}
