#include "server/answer.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "server/condition.h"
#include "server/head.h"
#include "server/range.h"
#include "server/target.h"

/* The request that is being answered. */
struct task {
    struct server *server;
    const struct request *request;
    struct delivery *delivery;
    struct server_resource resource;
    bool head_only;
};

static void send_head(struct task *task, struct head *head)
{
    head->http11 = task->request->http11;
    head->close = task->delivery->close;
    head_write(task->server, head);
    task->delivery->status = head->status;
    task->delivery->head_len = task->server->out.len;
}

/* A status whose body is its own name. */
static void send_status(struct task *task, struct head *head)
{
    const char *reason = head_reason(head->status);
    head->content_type = "text/plain; charset=utf-8";
    head->length = (long long)strlen(reason) + 5;
    send_head(task, head);
    if (task->head_only)
        return;
    struct message *out = &task->server->out;
    message_number(out, head->status);
    message_bytes(out, " ", 1);
    message_text(out, reason);
    message_bytes(out, "\n", 1);
}

static void send_error(struct task *task, int status)
{
    send_status(task, &(struct head){.status = status, .total = -1});
}

static void send_failure(struct task *task, const char *why)
{
    server_failed(task->server, "%s %s: %s", task->request->method, task->request->target, why);
    send_error(task, 500);
}

static void send_preflight(struct task *task)
{
    send_head(task, &(struct head){.status = 204, .length = -1, .total = -1, .preflight = true});
}

/* A location goes into the header as it is: it must not end its line. */
static void send_redirect(struct task *task)
{
    const char *location = task->resource.location;
    for (const char *at = location; at && *at; at++) {
        if ((unsigned char)*at <= 0x20 || *at == 0x7f)
            location = NULL;
    }
    if (!location || strlen(location) > MESSAGE_HEAD_MAX / 2) {
        send_failure(task, "the redirect leads to no path that can be sent");
        return;
    }
    send_status(task, &(struct head){.status = 301, .total = -1, .resource = &task->resource});
}

static void send_page(struct task *task, struct head *head)
{
    struct buf *page = &task->resource.page;
    bool large = page->len > MESSAGE_BODY_MAX;
    if (large && task->server->held + page->cap > SERVER_PAGES_MAX) {
        send_error(task, 503);
        return;
    }
    head->length = (long long)page->len;
    send_head(task, head);
    if (task->head_only)
        return;
    if (!large) {
        message_bytes(&task->server->out, page->data, page->len);
    } else {
        task->delivery->page = *page;
        buf_init(page, page->max);
    }
}

static ssize_t read_at(int fd, char *data, size_t len, off_t at)
{
    size_t done = 0;
    while (done < len) {
        ssize_t count = pread(fd, data + done, len - done, at + (off_t)done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -1;
        if (count == 0)
            break;
        done += (size_t)count;
    }
    return (ssize_t)done;
}

/* Small: the header and the body in one piece. */
static void send_small_file(struct task *task, struct head *head)
{
    struct message *out = &task->server->out;
    send_head(task, head);
    size_t len = (size_t)head->length;
    if (out->full || len > sizeof(out->data) - out->len)
        return;
    ssize_t count = read_at(task->resource.fd, out->data + out->len, len, head->first);
    if (count == head->length)
        out->len += len;
    else
        send_failure(task, count < 0 ? strerror(errno) : "the file is shorter than it was");
}

static void send_file(struct task *task, struct head *head)
{
    if (task->head_only) {
        send_head(task, head);
    } else if (head->length <= MESSAGE_BODY_MAX) {
        send_small_file(task, head);
    } else {
        send_head(task, head);
        task->delivery->file = task->resource.fd;
        task->delivery->at = head->first;
        task->delivery->left = head->length;
        task->resource.fd = -1;
    }
}

/* Turns a whole file into the part that was asked for. GET only (RFC 9110, section 14.2). */
static enum range_kind choose_range(const struct task *task, struct head *head)
{
    const struct request *request = task->request;
    const struct server_resource *resource = &task->resource;
    long long first, last;
    if (!request->range || task->head_only)
        return RANGE_NONE;
    if (!condition_range_counts(request, resource->etag, resource->modified, time(NULL)))
        return RANGE_NONE;
    enum range_kind kind = range_parse(request->range, resource->size, &first, &last);
    if (kind == RANGE_ONE) {
        head->status = 206;
        head->first = first;
        head->length = last - first + 1;
    }
    if (kind != RANGE_NONE)
        head->total = resource->size;
    return kind;
}

static void send_resource(struct task *task)
{
    const struct server_resource *resource = &task->resource;
    bool file = resource->kind == RESOURCE_FILE;
    struct head head = {
        .status = condition_check(task->request, resource->etag, resource->modified),
        .resource = resource,
        .content_type =
            resource->content_type ? resource->content_type : "application/octet-stream",
        .length = resource->size,
        .total = -1,
        .ranges = file,
    };
    if (head.status == 412) {
        send_error(task, 412);
        return;
    }
    if (head.status == 304) {
        head.length = -1;
        send_head(task, &head);
        return;
    }
    head.status = 200;
    if (!file)
        send_page(task, &head);
    else if (choose_range(task, &head) == RANGE_OUTSIDE)
        send_status(task, &(struct head){.status = 416, .total = resource->size, .ranges = true});
    else
        send_file(task, &head);
}

static void resolve(struct task *task)
{
    AUTO(err_release) struct err err = ERR_INIT;
    char path[TARGET_PATH_MAX + 1];
    int status = target_path(task->request->target, path);
    if (status) {
        send_error(task, status);
        return;
    }
    struct server *server = task->server;
    int rc = server->options.resolve(server->options.arg, path, &task->resource, &err);
    bool file = task->resource.kind == RESOURCE_FILE;
    if (rc || !file)
        task->resource.fd = -1;
    if (rc)
        send_failure(task, err_text(&err));
    else if (task->resource.kind == RESOURCE_PAGE && buf_overflowed(&task->resource.page))
        send_failure(task, "the page is too large");
    else if (file || task->resource.kind == RESOURCE_PAGE)
        send_resource(task);
    else if (task->resource.kind == RESOURCE_REDIRECT)
        send_redirect(task);
    else
        send_error(task, task->resource.kind == RESOURCE_BUSY ? 503 : 404);
}

static void release(struct server_resource *resource)
{
    if (resource->fd >= 0)
        close(resource->fd);
    free(resource->location);
    buf_release(&resource->page);
}

void answer_request(struct server *server, const struct request *request, struct delivery *delivery)
{
    struct task task = {.server = server, .request = request, .delivery = delivery};
    bool get = strcmp(request->method, "GET") == 0;
    task.head_only = strcmp(request->method, "HEAD") == 0;
    task.resource.fd = -1;
    if (request->status)
        send_error(&task, request->status);
    else if (server->options.cors && strcmp(request->method, "OPTIONS") == 0)
        send_preflight(&task);
    else if (!get && !task.head_only)
        send_error(&task, 405);
    else if (request->transfer_encoding)
        send_error(&task, 501);
    else if (request->expect_other)
        send_error(&task, 417);
    else
        resolve(&task);
    release(&task.resource);
    if (server->out.full) {
        server_failed(server, "%s %s: the header is too large", request->method, request->target);
        delivery_drop_body(delivery);
        send_error(&task, 500);
    }
    delivery->text = server->out.data;
    delivery->text_len = server->out.len;
}
