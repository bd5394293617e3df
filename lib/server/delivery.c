#include "server/delivery.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

enum {
    /* A client that reads as fast as the server sends must not keep all other clients waiting. */
    TURN_BYTES = 256 * 1024,
    LAST_BYTES = 4096, /* of a file: sent when the file has proved to be the same as before */
};

void delivery_init(struct delivery *delivery)
{
    *delivery = (struct delivery){.method = "-", .target = "-", .agent = ""};
}

void delivery_drop_body(struct delivery *delivery)
{
    body_drop(STEAL(delivery->body));
    delivery->left = 0;
}

void delivery_release(struct delivery *delivery)
{
    delivery_drop_body(delivery);
    free(delivery->kept);
    delivery_init(delivery);
}

static enum delivery_step failed_step(void)
{
    return errno == EAGAIN ? DELIVERY_BLOCKED : DELIVERY_FAILED;
}

static void count_text(struct delivery *delivery, size_t sent)
{
    size_t before = delivery->text_sent, after = before + sent;
    delivery->text_sent = after;
    if (after > delivery->head_len)
        delivery->body_sent +=
            (long long)(after - (before > delivery->head_len ? before : delivery->head_len));
}

static void count_body(struct delivery *delivery, size_t sent)
{
    delivery->at += (off_t)sent;
    delivery->left -= (long long)sent;
    delivery->body_sent += (long long)sent;
}

/* Sends the text. Before the end of a connection without TLS the bytes wait a moment: the system
 * then sends the end with them, in one segment. */
static enum delivery_step send_text(struct delivery *delivery, struct wire *wire)
{
    bool more = delivery->left > 0 || (delivery->close && !wire->tls);
    while (delivery->text_sent < delivery->text_len) {
        ssize_t sent = wire_send(wire, delivery->text + delivery->text_sent,
                                 delivery->text_len - delivery->text_sent, more);
        if (sent < 0)
            return failed_step();
        count_text(delivery, (size_t)sent);
    }
    return DELIVERY_DONE;
}

/* Sends the text and a body in memory together. */
static enum delivery_step send_page(struct delivery *delivery, struct wire *wire)
{
    while (delivery->left > 0) {
        size_t text = delivery->text_len - delivery->text_sent;
        const struct iovec parts[] = {
            {(void *)(uintptr_t)(delivery->text + delivery->text_sent), text},
            {delivery->body->page.data + delivery->at, (size_t)delivery->left},
        };
        ssize_t sent = wire_send_parts(wire, parts, COUNT(parts), false);
        if (sent < 0)
            return failed_step();
        size_t of_text = (size_t)sent < text ? (size_t)sent : text;
        count_text(delivery, of_text);
        count_body(delivery, (size_t)sent - of_text);
    }
    return DELIVERY_DONE;
}

static long long piece_of(const struct delivery *delivery, long long turn)
{
    long long left = delivery->left;
    if (left > LAST_BYTES)
        left -= LAST_BYTES;
    return left < turn ? left : turn;
}

static enum delivery_step send_file(struct delivery *delivery, const struct body *body,
                                    struct wire *wire)
{
    long long turn = TURN_BYTES;
    while (delivery->left > 0) {
        if (turn <= 0)
            return DELIVERY_TURN;
        if (delivery->left <= LAST_BYTES && !file_facts_hold(&body->facts, body->file))
            return DELIVERY_CHANGED;
        off_t at = delivery->at;
        ssize_t sent = wire_sendfile(wire, body->file, &at, (size_t)piece_of(delivery, turn));
        if (sent < 0)
            return failed_step();
        if (sent == 0)
            return DELIVERY_SHORT;
        count_body(delivery, (size_t)sent);
        turn -= sent;
    }
    return DELIVERY_DONE;
}

enum delivery_step delivery_send(struct delivery *delivery, struct wire *wire)
{
    if (delivery->body && delivery->body->file < 0)
        return send_page(delivery, wire);
    enum delivery_step step = send_text(delivery, wire);
    return step == DELIVERY_DONE && delivery->body ? send_file(delivery, delivery->body, wire)
                                                   : step;
}

static const char *add_kept(char **at, const char *text, size_t len)
{
    char *copy = *at;
    memcpy(copy, text, len);
    *at += len;
    return copy;
}

struct delivery *delivery_keep(struct delivery *delivery)
{
    size_t text = delivery->text_len - delivery->text_sent;
    size_t method = strlen(delivery->method) + 1, target = strlen(delivery->target) + 1,
           agent = strlen(delivery->agent) + 1,
           user = delivery->user ? strlen(delivery->user) + 1 : 0;
    struct delivery *kept = mem_alloc(sizeof(*kept));
    char *at = mem_alloc(text + method + target + agent + user);
    *kept = *delivery;
    kept->kept = at;
    kept->text = add_kept(&at, delivery->text + delivery->text_sent, text);
    kept->text_len = text;
    kept->text_sent = 0;
    kept->head_len =
        delivery->head_len > delivery->text_sent ? delivery->head_len - delivery->text_sent : 0;
    kept->method = add_kept(&at, delivery->method, method);
    kept->target = add_kept(&at, delivery->target, target);
    kept->agent = add_kept(&at, delivery->agent, agent);
    kept->user = user ? add_kept(&at, delivery->user, user) : NULL;
    delivery_init(delivery);
    return kept;
}

/* Bytes that the socket has taken may still wait in the memory of this system, up to a whole small
 * file: only confirmed bytes show how fast the peer reads. */
long long delivery_progress(struct delivery *delivery, const struct wire *wire)
{
    long long acknowledged = delivery->body_sent - wire_unconfirmed(wire);
    long long progress = acknowledged - delivery->acknowledged;
    delivery->acknowledged = acknowledged;
    return progress;
}
