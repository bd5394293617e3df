#include "cmd/run/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/run/field.h"
#include "cmd/run/proxy.h"
#include "server/chunked.h"

enum { PIECE = 64 * 1024, SWITCHING = 101 };

/* How the length of the body is told (RFC 9112, section 6.3). */
enum framing { TO_THE_END, COUNTED, CHUNKS };

struct reading {
    struct proxy *proxy;
    int fd;
    int64_t until;
    struct buf raw; /* what came of the head, and of the body when it is not in chunks */
    size_t head;    /* bytes of the head; 0: it is not complete */
    enum framing framing;
    long long length; /* of the body, when it is counted */
    struct chunked chunks;
    struct client_answer *out;
};

void client_answer_release(struct client_answer *answer)
{
    texts_release(&answer->fields);
    buf_release(&answer->body);
    *answer = (struct client_answer){0};
}

/* --- The connection --- */

static int connect_to(int family, const void *address, socklen_t len, int *fd, struct err *err)
{
    AUTO_CLOSE int made = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0 || connect(made, address, len) != 0)
        return err_errno(err, "connect to Envoy");
    *fd = STEAL_FD(made);
    return 0;
}

int client_connect_path(const char *path, int *fd, struct err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len >= sizeof(address.sun_path))
        return err_set(err, ERR_FAILED, "connect to Envoy: the path %s is too long", path);
    memcpy(address.sun_path, path, len + 1);
    return connect_to(AF_UNIX, &address, sizeof(address), fd, err);
}

int client_connect_port(int port, int *fd, struct err *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return connect_to(AF_INET, &address, sizeof(address), fd, err);
}

/* --- Waiting --- */

static int wait_for(const struct reading *reading, short events, struct err *err)
{
    switch (proxy_turn(reading->proxy, reading->fd, events, reading->until)) {
    case PROXY_READY:
        return 0;
    case PROXY_STOP:
        return err_set(err, ERR_INTERRUPTED, "interrupted");
    case PROXY_ENDED:
        return err_set(err, ERR_FAILED, "Envoy ended with status %d", reading->proxy->status);
    default:
        return err_set(err, ERR_FAILED, "no answer came in time");
    }
}

/* Sends a piece of what is left. An answer may come before the whole request was sent, and Envoy
 * may then close the connection: the rest is dropped. */
static void send_piece(const struct reading *reading, const char **text, size_t *left)
{
    ssize_t sent = send(reading->fd, *text, *left, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    size_t took = sent < 0 ? *left : (size_t)sent;
    *text += took;
    *left -= took;
}

/* --- The head --- */

static void read_field(struct reading *reading, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    if (!colon)
        return;
    const char *value = colon + 1;
    value += strspn(value, " \t");
    char *field = mem_printf("%.*s: %.*s", (int)(colon - line), line,
                             (int)(line + len > value ? line + len - value : 0), value);
    texts_add(&reading->out->fields, field);
    if (field_is(field, "content-length") && reading->framing != CHUNKS) {
        reading->framing = COUNTED;
        reading->length = strtoll(field_value(field), NULL, 10);
    }
    if (field_is(field, "transfer-encoding"))
        reading->framing = CHUNKS;
}

static void read_fields(struct reading *reading, const char *line)
{
    for (;;) {
        size_t len = strcspn(line, "\r\n");
        if (!len)
            return;
        read_field(reading, line, len);
        line += len;
        line += strspn(line, "\r") + 1;
    }
}

static bool is_bodiless(int status, bool head)
{
    return head || status == SWITCHING || status == 204 || status == 304;
}

/* Reads the head when it is complete. An interim answer (100) is passed over. */
static int take_head(struct reading *reading, bool head, struct err *err)
{
    struct buf *raw = &reading->raw;
    struct client_answer *out = reading->out;
    while (!reading->head) {
        const char *text = buf_text(raw);
        const char *end = strstr(text, "\r\n\r\n");
        if (!end)
            return strlen(text) == raw->len
                       ? 0
                       : err_set(err, ERR_FAILED, "the answer is no HTTP: %.60s", text);
        size_t len = (size_t)(end - text) + 4;
        if (strncmp(text, "HTTP/1.1 ", 9) != 0 && strncmp(text, "HTTP/1.0 ", 9) != 0)
            return err_set(err, ERR_FAILED, "the answer is no HTTP: %.60s", text);
        out->status = (int)strtol(text + 9, NULL, 10);
        if (out->status < 200 && out->status != SWITCHING) {
            memmove(raw->data, raw->data + len, raw->len - len + 1);
            raw->len -= len;
            continue;
        }
        reading->head = len;
        read_fields(reading, strchr(text, '\n') + 1);
        if (is_bodiless(out->status, head)) {
            reading->framing = COUNTED;
            reading->length = 0;
        }
    }
    return 0;
}

/* --- The body --- */

static int add_body(struct reading *reading, const char *data, size_t len, struct err *err)
{
    struct buf *body = &reading->out->body;
    buf_add(body, data, len);
    return buf_overflowed(body) ? err_set(err, ERR_FAILED,
                                          "the body of the answer has more than %d "
                                          "bytes",
                                          CLIENT_BODY_MAX)
                                : 0;
}

/* Takes bytes of the body; `*done` is set with the last of them. */
static int take_body(struct reading *reading, const char *data, size_t len, bool *done,
                     struct err *err)
{
    if (reading->framing != CHUNKS) {
        int rc = add_body(reading, data, len, err);
        *done = reading->framing == COUNTED && (long long)reading->out->body.len >= reading->length;
        return rc;
    }
    while (len) {
        size_t size = 0;
        enum chunked_part part = chunked_next(&reading->chunks, data, len, &size);
        if (part == CHUNKED_BAD)
            return err_set(err, ERR_FAILED, "the chunks of the answer are malformed");
        int rc = part == CHUNKED_CONTENT ? add_body(reading, data, size, err) : 0;
        *done = part == CHUNKED_END;
        if (rc || *done)
            return rc;
        data += size;
        len -= size;
    }
    return 0;
}

/* Takes bytes as they come. */
static int take(struct reading *reading, const char *data, size_t len, bool head, bool *done,
                struct err *err)
{
    if (reading->head)
        return take_body(reading, data, len, done, err);
    struct buf *raw = &reading->raw;
    buf_add(raw, data, len);
    if (buf_overflowed(raw))
        return err_set(err, ERR_FAILED, "the head of the answer has more than %d bytes",
                       CLIENT_HEAD_MAX);
    int rc = take_head(reading, head, err);
    if (rc || !reading->head)
        return rc;
    return take_body(reading, raw->data + reading->head, raw->len - reading->head, done, err);
}

/* Receives a piece, when there is one. */
static int receive(struct reading *reading, bool head, bool *done, struct err *err)
{
    char piece[PIECE];
    ssize_t got = recv(reading->fd, piece, sizeof(piece), MSG_DONTWAIT);
    if (got > 0)
        return take(reading, piece, (size_t)got, head, done, err);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (got < 0)
        return err_errno(err, "read the answer");
    *done = reading->head && reading->framing == TO_THE_END;
    return *done ? 0
                 : err_set(err, ERR_FAILED,
                           "the connection was closed before the whole answer had come");
}

/* Sends and receives side by side: a server may answer while it reads. */
static int exchange(struct reading *reading, const struct client_request *request, struct err *err)
{
    const char *text = request->text;
    int rc = 0;
    size_t left = request->len;
    for (bool done = false; !rc && !done;) {
        rc = wait_for(reading, left ? POLLIN | POLLOUT : POLLIN, err);
        if (!rc && left)
            send_piece(reading, &text, &left);
        if (!rc)
            rc = receive(reading, request->head, &done, err);
    }
    return rc;
}

int client_ask(struct proxy *proxy, int fd, const struct client_request *request,
               struct client_answer *out, struct err *err)
{
    AUTO(client_answer_release) struct client_answer answer = {.body = BUF_INIT(CLIENT_BODY_MAX)};
    struct reading reading = {.proxy = proxy,
                              .fd = fd,
                              .until = clock_ms() + request->ms,
                              .raw = BUF_INIT(CLIENT_HEAD_MAX),
                              .out = &answer};
    int rc = exchange(&reading, request, err);
    buf_release(&reading.raw);
    if (rc)
        return rc;
    *out = answer;
    answer = (struct client_answer){0};
    return 0;
}
