#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/process_spawn.h"

#define TURN_MS 100     /* how often the flag and the clock are looked at */
#define BLIND_TURN_MS 5 /* the same where the kernel has no descriptor of a process */
#define GONE_MS 500     /* the time that a killed group may take to be gone */

/* --- Sinks --- */

static bool keep(void *arg, const void *data, size_t len)
{
    buf_add(arg, data, len);
    return true;
}

static bool fill(void *arg, const void *data, size_t len)
{
    buf_add(arg, data, len);
    return !buf_overflowed(arg);
}

struct process_sink process_keep(struct buf *buf)
{
    return (struct process_sink){keep, buf};
}

struct process_sink process_fill(struct buf *buf)
{
    return (struct process_sink){fill, buf};
}

/* --- Pipes --- */

static void shut(int *fd)
{
    mem_close_at(fd);
    *fd = -1;
}

/* Both ends; `we_read` says which of them is ours, and does not block. */
static int make_pipe(int *reader, int *writer, bool we_read, struct err *err)
{
    int pair[2];
    if (pipe2(pair, O_CLOEXEC) != 0)
        return err_errno(err, "make a pipe");
    *reader = pair[0];
    *writer = pair[1];
    return fcntl(pair[we_read ? 0 : 1], F_SETFL, O_NONBLOCK) == 0
               ? 0
               : err_errno(err, "make a pipe that does not block");
}

/* The child's ends of the pipes: -1 for none. */
struct ends {
    int input, output, talk;
};

static void ends_close(struct ends *ends)
{
    shut(&ends->input);
    shut(&ends->output);
    shut(&ends->talk);
}

static int make_pipes(struct process_child *child, struct ends *ends, struct err *err)
{
    int rc =
        child->input || child->input_later ? make_pipe(&ends->input, &child->to, false, err) : 0;
    if (!rc && child->output_sink.take)
        rc = make_pipe(&child->from, &ends->output, true, err);
    if (!rc && child->talk_sink.take)
        rc = make_pipe(&child->talk, &ends->talk, true, err);
    return rc;
}

/* Writes to a pipe whose reader may be gone, without the signal that this raises: a child need not
 * read its input. Only this thread is touched, and its mask is as before. */
static ssize_t write_unsignalled(int fd, const void *data, size_t len)
{
    const struct timespec at_once = {0};
    sigset_t broken, old;
    sigemptyset(&broken);
    sigaddset(&broken, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken, &old);
    ssize_t put = write(fd, data, len);
    int number = errno;
    while (put < 0 && number == EPIPE && sigtimedwait(&broken, NULL, &at_once) < 0 &&
           errno == EINTR)
        continue;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = number;
    return put;
}

static bool is_passing(ssize_t moved)
{
    return moved < 0 && (errno == EINTR || errno == EAGAIN);
}

/* Writes a part of the input. A child that has closed its end wants no more of it. */
static void feed(struct process_child *child)
{
    ssize_t put = write_unsignalled(child->to, child->input, child->left);
    if (is_passing(put))
        return;
    if (put > 0) {
        child->input += put;
        child->left -= (size_t)put;
    }
    if (put < 0 || (!child->left && !child->input_later))
        shut(&child->to);
}

void process_send(struct process_child *child, const char *data, size_t len, bool last)
{
    child->input = data;
    child->left = len;
    child->input_later = !last;
    if (last && !len)
        shut(&child->to);
}

/* Reads a part of the output; false when there is no more for now. */
static bool listen_to(int *fd, const struct process_sink *sink)
{
    char piece[4096];
    ssize_t got = read(*fd, piece, sizeof(piece));
    if (is_passing(got))
        return false;
    bool more = got > 0 && sink->take(sink->arg, piece, (size_t)got);
    explicit_bzero(piece, sizeof(piece));
    if (!more)
        shut(fd);
    return more;
}

/* Reads what the child has left in a pipe. Another process may hold the other end for as long as it
 * likes, and write on: as much as a pipe holds is enough. */
static void drain(int *fd, const struct process_sink *sink)
{
    for (int i = 0; i < 16 && *fd >= 0 && listen_to(fd, sink); i++)
        continue;
}

/* Reads and writes whatever can be read and written, for `ms` at the most. */
static void take_turn(struct process_child *child, int64_t ms)
{
    struct pollfd ends[] = {{child->from, POLLIN, 0},
                            {child->talk, POLLIN, 0},
                            {child->left ? child->to : -1, POLLOUT, 0},
                            {child->pidfd, POLLIN, 0}};
    int64_t most = child->pidfd < 0 ? BLIND_TURN_MS : TURN_MS;
    if (poll(ends, COUNT(ends), (int)(ms < most ? ms : most)) < 0)
        return;
    if (ends[0].revents)
        (void)listen_to(&child->from, &child->output_sink);
    if (ends[1].revents)
        (void)listen_to(&child->talk, &child->talk_sink);
    if (ends[2].revents)
        feed(child);
}

/* --- Ends --- */

/* Looks without taking the status: until that is taken nobody else can get the child's number. */
static bool has_ended(pid_t pid)
{
    siginfo_t info = {0};
    while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
        if (errno != EINTR)
            return true;
    }
    return info.si_pid != 0;
}

/* Takes the status and the last output of a child that has ended. */
static int take_end(struct process_child *child, struct err *err)
{
    int raw = 0;
    drain(&child->from, &child->output_sink);
    drain(&child->talk, &child->talk_sink);
    child->running = false;
    while (waitpid(child->pid, &raw, 0) < 0) {
        if (errno != EINTR)
            return err_errno(err, "wait for process %ld", (long)child->pid);
    }
    child->status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    return 0;
}

int process_wait(struct process_child *child, int64_t ms, struct err *err)
{
    int64_t end = clock_ms() + ms;
    for (bool last = false; child->running;) {
        bool over = has_ended(child->pid);
        if (child->interrupted && *child->interrupted)
            return err_set(err, ERR_INTERRUPTED, "interrupted");
        if (over)
            return take_end(child, err);
        if (last)
            break;
        int64_t left = ms < 0 ? TURN_MS : end - clock_ms();
        last = left <= 0;
        take_turn(child, last ? 0 : left);
    }
    return 0;
}

/* Its orphans are gone a moment after they were killed; until then they may write files. */
static void wait_for_group(pid_t group)
{
    for (int64_t end = clock_ms() + GONE_MS; kill(-group, 0) == 0 && clock_ms() < end;)
        clock_sleep_ms(BLIND_TURN_MS);
}

/* The user has asked twice. */
static bool is_urgent(const struct process_child *child)
{
    return child->interrupted && *child->interrupted < 0;
}

void process_stop(struct process_child *child, int number, int64_t grace_ms)
{
    if (!child->running)
        return;
    pid_t target = child->own_group ? -child->pid : child->pid;
    int64_t end = clock_ms() + grace_ms;
    (void)kill(target, number);
    while (!has_ended(child->pid) && clock_ms() < end && !is_urgent(child))
        take_turn(child, BLIND_TURN_MS); /* full pipes must not hold it */
    if (child->own_group || !has_ended(child->pid))
        (void)kill(target, SIGKILL);
    (void)waitid(P_PID, (id_t)child->pid, &(siginfo_t){0}, WEXITED | WNOWAIT);
    (void)take_end(child, ERR_IGNORED);
    if (child->own_group)
        wait_for_group(child->pid);
}

void process_release(struct process_child *child)
{
    process_stop(child, SIGKILL, 0);
    shut(&child->pidfd);
    shut(&child->to);
    shut(&child->from);
    shut(&child->talk);
}

/* --- Starting and running --- */

int process_start(const struct process *process, struct process_child *out, struct err *err)
{
    AUTO(process_release) struct process_child child = PROCESS_CHILD_INIT;
    AUTO(ends_close) struct ends ends = {-1, -1, -1};
    child.input = process->input;
    child.left = process->input_len;
    child.output_sink = process->output;
    child.talk_sink = process->talk;
    child.own_group = process->own_group;
    child.input_later = process->input_later;
    child.interrupted = process->interrupted;
    int rc = make_pipes(&child, &ends, err);
    if (rc)
        return rc;
    const struct process_spawn spawn = {
        .argv = process->argv,
        .cwd = process->cwd,
        .env = process->env,
        .input = ends.input,
        .output = ends.output < 0 && process->output_to_stderr ? STDERR_FILENO : ends.output,
        .talk = ends.talk,
        .own_group = process->own_group,
    };
    rc = process_spawn(&spawn, &child.pid, err);
    if (rc)
        return rc;
    if (!child.left && !child.input_later)
        shut(&child.to);
    child.running = true;
    child.pidfd = (int)syscall(SYS_pidfd_open, child.pid, 0);
    *out = child;
    child = (struct process_child)PROCESS_CHILD_INIT;
    return 0;
}

int process_run(const struct process *process, int *status, struct err *err)
{
    AUTO(process_release) struct process_child child = PROCESS_CHILD_INIT;
    int rc = process_start(process, &child, err);
    if (!rc)
        rc = process_wait(&child, process->seconds ? (int64_t)process->seconds * 1000 : -1, err);
    if (rc == ERR_INTERRUPTED)
        process_stop(&child, abs(*process->interrupted), PROCESS_GRACE_MS);
    if (rc)
        return rc;
    if (child.running) {
        process_stop(&child, SIGTERM, PROCESS_GRACE_MS);
        return err_set(err, ERR_TRANSIENT, "not done after %ld second%s: ended", process->seconds,
                       process->seconds == 1 ? "" : "s");
    }
    *status = child.status;
    return 0;
}
