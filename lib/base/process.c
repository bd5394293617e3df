#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#define TURN_MS 100     /* how often the flag and the clock are looked at */
#define BLIND_TURN_MS 5 /* where the kernel has no descriptor of a process */

extern char **environ;

static bool same_name(const char *a, const char *b)
{
    size_t len = strcspn(a, "=");
    return strncmp(a, b, len) == 0 && b[len] == '=';
}

/* Our environment with the process's own settings over it; the strings are borrowed. */
static const char **merge_env(const char *const *extra)
{
    size_t inherited = 0, added = 0;
    while (environ[inherited])
        inherited++;
    while (extra && extra[added])
        added++;
    const char **env = mem_zero(inherited + added + 1, sizeof(*env));
    size_t n = 0;
    for (size_t i = 0; i < inherited; i++) {
        bool replaced = false;
        for (size_t j = 0; j < added && !replaced; j++)
            replaced = same_name(extra[j], environ[i]);
        if (!replaced)
            env[n++] = environ[i];
    }
    for (size_t j = 0; j < added; j++)
        env[n++] = extra[j];
    return env;
}

/* A running child, and our ends of the pipes to it; -1: none, or closed. */
struct child {
    pid_t pid;
    int pidfd; /* readable when the child has ended */
    int to;    /* its standard input */
    int from;  /* its standard output */
    int talk;  /* its standard error */
    const char *input;
    size_t left;
    struct buf *out;
    bool cut; /* stop reading when `out` is full */
};

/* The child's ends of the same. */
struct ends {
    int input, output, talk;
};

static void shut(int *fd)
{
    mem_close_at(fd);
    *fd = -1;
}

static void child_close(struct child *child)
{
    shut(&child->pidfd);
    shut(&child->to);
    shut(&child->from);
    shut(&child->talk);
}

static void ends_close(struct ends *ends)
{
    shut(&ends->input);
    shut(&ends->output);
    shut(&ends->talk);
}

static void direct(const struct process *process, const struct ends *ends,
                   posix_spawn_file_actions_t *actions)
{
    if (process->cwd)
        posix_spawn_file_actions_addchdir_np(actions, process->cwd);
    if (ends->input >= 0)
        posix_spawn_file_actions_adddup2(actions, ends->input, STDIN_FILENO);
    else
        posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (ends->output >= 0)
        posix_spawn_file_actions_adddup2(actions, ends->output, STDOUT_FILENO);
    else if (process->output_to_stderr)
        posix_spawn_file_actions_adddup2(actions, STDERR_FILENO, STDOUT_FILENO);
    if (ends->talk >= 0)
        posix_spawn_file_actions_adddup2(actions, ends->talk, STDERR_FILENO);
    /* Not every library marks its sockets and files as not to be handed on. */
    posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
}

/* SIGPIPE is ours to ignore, not the child's. */
static void set_attributes(const struct process *process, posix_spawnattr_t *attributes)
{
    sigset_t defaults;
    short flags = POSIX_SPAWN_SETSIGDEF;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(attributes, &defaults);
    if (process->own_group) {
        posix_spawnattr_setpgroup(attributes, 0);
        flags |= POSIX_SPAWN_SETPGROUP;
    }
    posix_spawnattr_setflags(attributes, flags);
}

/* Who is not in the terminal's group is stopped for good when it reads there, or writes where that
 * is set up so; with these ignored it gets an error for the first and may do the second. */
struct terminal_signals {
    struct sigaction in, out;
};

static void ignore_terminal(struct terminal_signals *old)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGTTIN, &ignore, &old->in);
    sigaction(SIGTTOU, &ignore, &old->out);
}

static void heed_terminal(const struct terminal_signals *old)
{
    sigaction(SIGTTIN, &old->in, NULL);
    sigaction(SIGTTOU, &old->out, NULL);
}

static int spawn(const struct process *process, const struct ends *ends, pid_t *pid,
                 struct err *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    struct terminal_signals old;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    direct(process, ends, &actions);
    set_attributes(process, &attributes);
    const char **env = merge_env(process->env);
    if (process->own_group)
        ignore_terminal(&old);
    /* posix_spawn does not change the strings that its unqualified parameters point at. */
    int number =
        posix_spawnp(pid, process->argv[0], &actions, &attributes,
                     (char *const *)(uintptr_t)process->argv, (char *const *)(uintptr_t)env);
    if (process->own_group)
        heed_terminal(&old);
    free(env);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    errno = number;
    return number ? err_errno(err, "start %s", process->argv[0]) : 0;
}

static bool is_passing(ssize_t moved)
{
    return moved < 0 && (errno == EINTR || errno == EAGAIN);
}

/* A part of the input. A child that has closed its end wants no more of it. */
static void feed(struct child *child)
{
    ssize_t put = write(child->to, child->input, child->left);
    if (is_passing(put))
        return;
    if (put > 0) {
        child->input += put;
        child->left -= (size_t)put;
    }
    if (put < 0 || !child->left)
        shut(&child->to);
}

/* A part of what it writes, which may be a secret; false when there is no more for now. */
static bool listen_to(int *fd, struct buf *out, bool cut)
{
    char chunk[4096];
    ssize_t got = read(*fd, chunk, sizeof(chunk));
    if (is_passing(got))
        return false;
    if (got <= 0) {
        shut(fd);
        return false;
    }
    buf_add(out, chunk, (size_t)got);
    explicit_bzero(chunk, sizeof(chunk));
    if (cut && buf_overflowed(out))
        shut(fd); /* it may go on for ever */
    return *fd >= 0;
}

/* What the child has left in a pipe; another process may hold the other end for as long as it
 * likes, and write on: so much as a pipe holds is enough. */
static void drain(int *fd, struct buf *out, bool cut)
{
    for (int i = 0; i < 16 && *fd >= 0 && listen_to(fd, out, cut); i++)
        continue;
}

/* Without taking its status: till then nobody else can get its number. */
static bool has_ended(pid_t pid)
{
    siginfo_t info = {0};
    while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
        if (errno != EINTR)
            return true;
    }
    return info.si_pid != 0;
}

/* One turn: whatever can be read or written, for `ms` at the most. */
static void turn(struct child *child, const struct process *process, int ms)
{
    struct pollfd ends[] = {{child->from, POLLIN, 0},
                            {child->talk, POLLIN, 0},
                            {child->to, POLLOUT, 0},
                            {child->pidfd, POLLIN, 0}};
    if (poll(ends, COUNT(ends), child->pidfd < 0 && ms > BLIND_TURN_MS ? BLIND_TURN_MS : ms) < 0)
        return;
    if (ends[0].revents)
        (void)listen_to(&child->from, child->out, child->cut);
    if (ends[1].revents)
        (void)listen_to(&child->talk, process->talk, false);
    if (ends[2].revents)
        feed(child);
}

static int take_status(pid_t pid, int *status, struct err *err)
{
    int raw = 0;
    while (waitpid(pid, &raw, 0) < 0) {
        if (errno != EINTR)
            return err_errno(err, "wait for process %ld", (long)pid);
    }
    *status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    return 0;
}

/* Waits for the end of the child, and turns meanwhile so that full pipes do not hold it. */
static void wait_ms(struct child *child, const struct process *process, int64_t ms)
{
    for (int64_t end = clock_ms() + ms; !has_ended(child->pid) && clock_ms() < end;)
        turn(child, process, BLIND_TURN_MS);
}

/* The signal, and what is left of it or its group after a while is killed. */
static void end_child(struct child *child, const struct process *process, int number)
{
    pid_t target = process->own_group ? -child->pid : child->pid;
    int status = 0;
    (void)kill(target, number);
    wait_ms(child, process, PROCESS_GRACE_MS);
    if (process->own_group || !has_ended(child->pid))
        (void)kill(target, SIGKILL);
    (void)take_status(child->pid, &status, ERR_IGNORED);
    /* Its orphans are gone a moment later; till then they may write files. */
    for (int i = 0; process->own_group && i < 100 && kill(target, 0) == 0; i++)
        clock_sleep_ms(BLIND_TURN_MS);
}

static int ended_by_us(struct child *child, const struct process *process, int64_t end,
                       struct err *err)
{
    int number = process->interrupted ? *process->interrupted : 0;
    if (number) {
        end_child(child, process, number);
        return err_set(err, ERR_INTERRUPTED, "interrupted");
    }
    if (!end || clock_ms() < end)
        return 0;
    end_child(child, process, SIGTERM);
    return err_set(err, ERR_TRANSIENT, "not done after %ld seconds: ended", process->seconds);
}

static int attend(struct child *child, const struct process *process, int *status, struct err *err)
{
    int64_t end = process->seconds ? clock_ms() + (int64_t)process->seconds * 1000 : 0;
    for (;;) {
        bool over = has_ended(child->pid);
        int rc = ended_by_us(child, process, end, err);
        if (rc)
            return rc;
        if (over)
            break;
        turn(child, process, TURN_MS);
    }
    drain(&child->from, child->out, child->cut);
    drain(&child->talk, process->talk, false);
    return take_status(child->pid, status, err);
}

/* `ours` reads or writes, as the child's end does the other. */
static int make_pipe(int *reader, int *writer, bool we_read, struct err *err)
{
    int pair[2];
    if (pipe2(pair, O_CLOEXEC) != 0)
        return err_errno(err, "pipe");
    *reader = pair[0];
    *writer = pair[1];
    return fcntl(pair[we_read ? 0 : 1], F_SETFL, O_NONBLOCK) == 0 ? 0 : err_errno(err, "pipe");
}

static int make_pipes(const struct process *process, struct child *child, struct ends *ends,
                      struct err *err)
{
    int rc = child->input ? make_pipe(&ends->input, &child->to, false, err) : 0;
    if (!rc && child->out)
        rc = make_pipe(&child->from, &ends->output, true, err);
    if (!rc && process->talk)
        rc = make_pipe(&child->talk, &ends->talk, true, err);
    return rc;
}

static void heed_pipes(struct sigaction *old)
{
    sigaction(SIGPIPE, old, NULL);
}

static int run(const struct process *process, struct child *child, int *status, struct err *err)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    AUTO(heed_pipes) struct sigaction old;
    AUTO(ends_close) struct ends ends = {-1, -1, -1};
    sigaction(SIGPIPE, &ignore, &old); /* a child need not read what it is fed */
    int rc = make_pipes(process, child, &ends, err);
    if (!rc)
        rc = spawn(process, &ends, &child->pid, err);
    if (rc)
        return rc;
    ends_close(&ends);
    if (!child->left)
        shut(&child->to);
    child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
    return attend(child, process, status, err);
}

int process_run(const struct process *process, int *status, struct err *err)
{
    AUTO(child_close) struct child child = {.pidfd = -1, .to = -1, .from = -1, .talk = -1};
    return run(process, &child, status, err);
}

int process_capture(const struct process *process, struct buf *out, int *status, struct err *err)
{
    AUTO(child_close)
    struct child child = {.pidfd = -1, .to = -1, .from = -1, .talk = -1, .out = out};
    return run(process, &child, status, err);
}

int process_exchange(const struct process *process, const char *input, size_t input_len,
                     struct buf *out, int *status, struct err *err)
{
    AUTO(child_close)
    struct child child = {.pidfd = -1,
                          .to = -1,
                          .from = -1,
                          .talk = -1,
                          .input = input,
                          .left = input_len,
                          .out = out,
                          .cut = true};
    return run(process, &child, status, err);
}
