#include "server/answer.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "server/admit.h"
#include "server/condition.h"
#include "server/head.h"
#include "server/range.h"
#include "server/target.h"

/* One response while it is made. */
struct task {
    struct server *server;
    const struct server_request *request;
    struct server_reply *reply;
    struct delivery *delivery;
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

/* Sends a status whose body is the name of the status. */
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

static void send_empty(struct task *task, struct head *head)
{
    head->length = head->status == 204 ? -1 : 0;
    send_head(task, head);
}

static void send_page(struct task *task, struct head *head)
{
    struct buf *page = &task->reply->page;
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
        message_bytes(&task->server->out, buf_text(page), page->len);
    } else {
        task->delivery->left = (long long)page->len;
        task->delivery->body = body_of_page(page);
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

/* Sends a small file in one piece with the header. */
static void send_small_file(struct task *task, struct head *head)
{
    struct message *out = &task->server->out;
    send_head(task, head);
    size_t len = (size_t)head->length;
    if (out->full || len > sizeof(out->data) - out->len)
        return;
    ssize_t count = read_at(task->reply->fd, out->data + out->len, len, head->first);
    bool same = file_facts_hold(&task->reply->facts, task->reply->fd);
    if (count == head->length && same)
        out->len += len;
    else if (count == head->length)
        send_failure(task, "the file was changed while it was read");
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
        struct server_reply *reply = task->reply;
        struct file_facts facts = reply->facts.known ? reply->facts : file_facts_of_fd(reply->fd);
        task->delivery->body = body_of_file(STEAL_FD(reply->fd), &facts);
        task->delivery->at = head->first;
        task->delivery->left = head->length;
    }
}

/* Turns a whole file into the part that the client asks for; only for GET (RFC 9110, section
 * 14.2). */
static enum range_kind choose_range(const struct task *task, struct head *head)
{
    const struct server_request *request = task->request;
    const struct server_reply *reply = task->reply;
    long long first, last;
    if (!request->range || !head->ranges || task->head_only)
        return RANGE_NONE;
    if (!condition_range_counts(request, reply->etag, reply->modified, time(NULL)))
        return RANGE_NONE;
    enum range_kind kind = range_parse(request->range, reply->size, &first, &last);
    if (kind == RANGE_ONE) {
        head->status = 206;
        head->first = first;
        head->length = last - first + 1;
    }
    if (kind != RANGE_NONE)
        head->total = reply->size;
    return kind;
}

/* Whether the request's conditions and its range apply to a reply with this status. */
static bool is_read(const struct task *task, int status)
{
    return status == 200 && request_reads(task->request);
}

static void send_body(struct task *task, struct head *head)
{
    const struct server_reply *reply = task->reply;
    bool read = is_read(task, head->status);
    int verdict = read ? condition_check(task->request, reply->etag, reply->modified) : 0;
    head->reply = reply;
    head->ranges = read && reply->kind == REPLY_FILE;
    head->content_type = reply->content_type ? reply->content_type : "application/octet-stream";
    head->length = reply->size;
    if (verdict == 412) {
        send_error(task, 412);
    } else if (verdict == 304) {
        head->status = 304;
        head->length = -1;
        send_head(task, head);
    } else if (reply->kind == REPLY_PAGE) {
        send_page(task, head);
    } else if (choose_range(task, head) == RANGE_OUTSIDE) {
        send_status(task, &(struct head){.status = 416, .total = reply->size, .ranges = true});
    } else {
        send_file(task, head);
    }
}

static void send_reply(struct task *task)
{
    const struct server_reply *reply = task->reply;
    int fallback = reply->kind == REPLY_STATUS ? 404 : 200;
    struct head head = {
        .status = reply->status ? reply->status : fallback,
        .fields = &reply->fields,
        .allow = reply->allow,
        .total = -1,
    };
    if (reply->unfit)
        send_failure(task, "a header field of the reply cannot be sent");
    else if (buf_overflowed(&reply->page))
        send_failure(task, "the page is too large");
    else if (reply->kind == REPLY_STATUS)
        send_status(task, &head);
    else if (reply->kind == REPLY_EMPTY)
        send_empty(task, &head);
    else
        send_body(task, &head);
}

/* A browser sends a preflight before a page of another origin may make its request. */
static bool is_preflight(const struct server *server, const struct server_request *request)
{
    return server->options.cors && !request->status && strcmp(request->method, "OPTIONS") == 0;
}

/* Checks the handler's work: after an error, the file and the sink still belong to the handler. */
void answer_settle(const struct server *server, const struct server_request *request,
                   struct server_reply *reply, int rc, const struct err *err)
{
    if (rc || reply->kind != REPLY_FILE)
        reply->fd = -1;
    if (rc)
        reply_free_job(&reply->job);
    if (!rc)
        return;
    server_failed(server, "%s %s: %s", request->method, request->target, err_text(err));
    reply_release(reply);
    server_reply_status(reply, 500);
}

bool answer_admit(const struct server *server, struct server_request *request,
                  char path[TARGET_PATH_MAX + 1], struct server_reply *reply)
{
    if (request->status) {
        server_reply_status(reply, request->status);
        return false;
    }
    if (is_preflight(server, request))
        return false;
    int unfit = request->expect_other ? 417 : target_path(request->target, path);
    const char *query = strchr(request->target, '?');
    request->path = unfit ? NULL : path;
    request->query = query ? query + 1 : NULL;
    request->local = server->local;
    bool admitted = admit_request(server, request, reply);
    if (admitted)
        server_reply_status(reply, unfit);
    else
        answer_settle(server, request, reply, 0, ERR_IGNORED);
    return admitted;
}

void answer_ask(const struct server *server, struct server_request *request,
                struct server_reply *reply)
{
    AUTO(err_release) struct err err = ERR_INIT;
    int rc = server->options.handle(server->options.arg, request, reply, &err);
    answer_settle(server, request, reply, rc, &err);
}

void answer_body(const struct server *server, struct intake *intake, struct server_reply *reply)
{
    AUTO(err_release) struct err err = ERR_INIT;
    int rc = intake_end(intake, reply, &err);
    answer_settle(server, &intake->request, reply, rc, &err);
}

void answer_write(struct server *server, const struct server_request *request,
                  struct server_reply *reply, struct delivery *delivery)
{
    struct task task = {.server = server, .request = request, .reply = reply, .delivery = delivery};
    task.head_only = strcmp(request->method, "HEAD") == 0;
    if (is_preflight(server, request))
        send_preflight(&task);
    else
        send_reply(&task);
    if (server->out.full) {
        server_failed(server, "%s %s: the header is too large", request->method, request->target);
        delivery_drop_body(delivery);
        send_error(&task, 500);
    }
    delivery->text = server->out.data;
    delivery->text_len = server->out.len;
}
