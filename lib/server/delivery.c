#include "server/delivery.h"

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

/* A reader as fast as we are must not keep all others waiting. */
enum { TURN_BYTES = 1024 * 1024 };

void transfer_init(struct transfer *transfer)
{
    *transfer = (struct transfer){.file = -1, .method = "-", .target = "-", .agent = ""};
}

void transfer_drop_body(struct transfer *transfer)
{
    if (transfer->file >= 0)
        close(transfer->file);
    transfer->file = -1;
    transfer->left = 0;
    buf_release(&transfer->page);
}

void transfer_release(struct transfer *transfer)
{
    transfer_drop_body(transfer);
    free(transfer->kept);
    transfer_init(transfer);
}

static enum transfer_step failed_step(void)
{
    return errno == EAGAIN ? TRANSFER_BLOCKED : TRANSFER_FAILED;
}

static void count_text(struct transfer *transfer, size_t sent)
{
    size_t before = transfer->text_sent, after = before + sent;
    transfer->text_sent = after;
    if (after > transfer->head_len)
        transfer->body_sent +=
            (long long)(after - (before > transfer->head_len ? before : transfer->head_len));
}

static enum transfer_step send_text(struct transfer *transfer, int fd)
{
    bool more = transfer->left > 0 || transfer->page.len > 0;
    while (transfer->text_sent < transfer->text_len) {
        ssize_t sent =
            send(fd, transfer->text + transfer->text_sent, transfer->text_len - transfer->text_sent,
                 MSG_NOSIGNAL | (more ? MSG_MORE : 0));
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return failed_step();
        count_text(transfer, (size_t)sent);
    }
    return TRANSFER_DONE;
}

static enum transfer_step send_page(struct transfer *transfer, int fd)
{
    while (transfer->page_sent < transfer->page.len) {
        ssize_t sent = send(fd, transfer->page.data + transfer->page_sent,
                            transfer->page.len - transfer->page_sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return failed_step();
        transfer->page_sent += (size_t)sent;
        transfer->body_sent += sent;
    }
    return TRANSFER_DONE;
}

static enum transfer_step send_file(struct transfer *transfer, int fd)
{
    long long turn = TURN_BYTES;
    while (transfer->left > 0) {
        if (turn <= 0)
            return TRANSFER_TURN;
        long long want = transfer->left < turn ? transfer->left : turn;
        ssize_t sent = sendfile(fd, transfer->file, &transfer->at, (size_t)want);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return failed_step();
        if (sent == 0)
            return TRANSFER_SHORT;
        transfer->left -= sent;
        transfer->body_sent += sent;
        turn -= sent;
    }
    return TRANSFER_DONE;
}

enum transfer_step transfer_send(struct transfer *transfer, int fd)
{
    enum transfer_step step = send_text(transfer, fd);
    if (step == TRANSFER_DONE)
        step = send_page(transfer, fd);
    if (step == TRANSFER_DONE)
        step = send_file(transfer, fd);
    return step;
}

static const char *add_kept(char **at, const char *text, size_t len)
{
    char *copy = *at;
    memcpy(copy, text, len);
    *at += len;
    return copy;
}

struct transfer *transfer_keep(struct transfer *transfer)
{
    size_t text = transfer->text_len - transfer->text_sent;
    size_t method = strlen(transfer->method) + 1, target = strlen(transfer->target) + 1,
           agent = strlen(transfer->agent) + 1;
    struct transfer *kept = mem_alloc(sizeof(*kept));
    char *at = mem_alloc(text + method + target + agent);
    *kept = *transfer;
    kept->kept = at;
    kept->text = add_kept(&at, transfer->text + transfer->text_sent, text);
    kept->text_len = text;
    kept->text_sent = 0;
    kept->head_len =
        transfer->head_len > transfer->text_sent ? transfer->head_len - transfer->text_sent : 0;
    kept->method = add_kept(&at, transfer->method, method);
    kept->target = add_kept(&at, transfer->target, target);
    kept->agent = add_kept(&at, transfer->agent, agent);
    transfer_init(transfer);
    return kept;
}

/* What the socket took may still wait in our system's memory, a whole small file of it: only what
 * has left it shows how fast the peer reads. */
long long transfer_progress(struct transfer *transfer, int fd)
{
    int waiting = 0;
    if (ioctl(fd, SIOCOUTQ, &waiting) != 0)
        waiting = 0;
    long long acknowledged = transfer->body_sent - waiting;
    long long progress = acknowledged - transfer->acknowledged;
    transfer->acknowledged = acknowledged;
    return progress;
}
