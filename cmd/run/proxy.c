#include "cmd/run/proxy.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/process_spawn.h"
#include "cmd/interrupt.h"

enum {
    PIECE = 64 * 1024,
    TURN_MS = 200,       /* how often the end of Envoy is looked for without a descriptor of it */
    GRACE_MS = 5000,     /* the time that Envoy has for its end */
    LAST_PIECES = 1024,  /* of its log, that are read when it has ended */
    GRACE_SHARED = 15000 /* the same for a container */
};

/* --- Its log, and its end --- */

/* Reads a piece of the log; false when there is none now. */
static bool read_log(struct proxy *proxy)
{
    char piece[PIECE];
    ssize_t got = read(proxy->log_fd, piece, sizeof(piece));
    if (got > 0)
        envoy_log_add(&proxy->log, piece, (size_t)got);
    if (got < (ssize_t)sizeof(piece))
        envoy_log_pause(&proxy->log);
    if (got == 0) {
        mem_close_at(&proxy->log_fd);
        proxy->log_fd = -1;
    }
    return got > 0;
}

/* Takes the status when Envoy has ended, and what it said last. */
static bool has_ended(struct proxy *proxy)
{
    int raw = 0;
    if (!proxy->running)
        return true;
    if (waitpid(proxy->pid, &raw, WNOHANG) != proxy->pid)
        return false;
    proxy->running = false;
    proxy->status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    for (int i = 0; i < LAST_PIECES && proxy->log_fd >= 0 && read_log(proxy); i++)
        continue;
    envoy_log_end(&proxy->log);
    return true;
}

enum proxy_turn proxy_turn(struct proxy *proxy, int fd, short events, int64_t until)
{
    for (;;) {
        if (has_ended(proxy))
            return PROXY_ENDED;
        int64_t left = until < 0 ? TURN_MS : until - clock_ms();
        struct pollfd ends[] = {{proxy->log_fd, POLLIN, 0},
                                {proxy->pidfd, POLLIN, 0},
                                {proxy->wish->stop_fd, POLLIN, 0},
                                {fd, events, 0}};
        int wait = left < 0 ? 0 : left < TURN_MS ? (int)left : TURN_MS;
        if (poll(ends, COUNT(ends), wait) < 0 && errno != EINTR)
            return PROXY_TIME_OVER;
        if (ends[2].revents)
            return PROXY_STOP;
        if (ends[0].revents)
            (void)read_log(proxy);
        if (ends[3].revents)
            return PROXY_READY;
        if (until >= 0 && clock_ms() >= until)
            return PROXY_TIME_OVER;
    }
}

enum proxy_turn proxy_wait_without(int stop_fd, int ms)
{
    struct pollfd end = {stop_fd, POLLIN, 0};
    return poll(&end, 1, ms) > 0 ? PROXY_STOP : PROXY_TIME_OVER;
}

/* --- Its end --- */

/* Waits for at most so long, and while the user has patience: a second signal is negative. */
static void wait_for_end(struct proxy *proxy, int64_t ms, bool patient)
{
    int64_t until = clock_ms() + ms;
    while (!has_ended(proxy) && clock_ms() < until && !(patient && *interrupt_flag() < 0)) {
        struct pollfd ends[] = {{proxy->log_fd, POLLIN, 0}, {proxy->pidfd, POLLIN, 0}};
        (void)poll(ends, COUNT(ends), PROXY_PAUSE_MS);
        if (ends[0].revents)
            (void)read_log(proxy);
    }
}

void proxy_stop(struct proxy *proxy)
{
    if (proxy->running) {
        int64_t grace = proxy->wish->shared ? GRACE_SHARED : GRACE_MS;
        (void)kill(-proxy->pid, SIGTERM);
        wait_for_end(proxy, grace, true);
    }
    if (proxy->running) {
        (void)kill(-proxy->pid, SIGKILL);
        wait_for_end(proxy, GRACE_MS, false);
    }
    mem_close_at(&proxy->pidfd);
    mem_close_at(&proxy->log_fd);
    envoy_log_release(&proxy->log);
    *proxy = (struct proxy)PROXY_INIT;
}

/* --- Its start --- */

int proxy_spawn(const struct proxy_wish *wish, struct proxy *out, struct err *err)
{
    AUTO(proxy_stop) struct proxy proxy = PROXY_INIT;
    int pair[2];
    if (pipe2(pair, O_CLOEXEC) != 0)
        return err_errno(err, "make a pipe");
    proxy.wish = wish;
    envoy_log_init(&proxy.log, talk_take, wish->talk);
    AUTO_CLOSE int writer = pair[1];
    proxy.log_fd = pair[0];
    (void)fcntl(proxy.log_fd, F_SETFL, O_NONBLOCK);
    const struct process_spawn spawn = {.argv = wish->argv,
                                        .input = -1,
                                        .output = writer,
                                        .talk = writer,
                                        .own_group = true,
                                        .dies_with_us = true};
    int rc = process_spawn(&spawn, &proxy.pid, err);
    if (rc)
        return rc;
    proxy.running = true;
    proxy.pidfd = (int)syscall(SYS_pidfd_open, proxy.pid, 0);
    *out = proxy;
    proxy = (struct proxy)PROXY_INIT;
    return 0;
}
