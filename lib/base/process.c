#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

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

/* `output` takes its standard output (-1: ours does), and then `input` (-1: nothing) is its
 * standard input. */
static int spawn(const struct process *process, int input, int output, pid_t *child,
                 struct err *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGQUIT);
    sigaddset(&defaults, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    if (process->cwd)
        posix_spawn_file_actions_addchdir_np(&actions, process->cwd);
    if (output >= 0) {
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        if (input >= 0)
            posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
        else
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    } else if (process->output_to_stderr) {
        posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    }
    const char **env = merge_env(process->env);
    /* posix_spawn does not change the strings that its unqualified parameters point at. */
    errno = posix_spawnp(child, process->argv[0], &actions, &attributes,
                         (char *const *)(uintptr_t)process->argv, (char *const *)(uintptr_t)env);
    int number = errno;
    free(env);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    errno = number;
    return number ? err_errno(err, "start %s", process->argv[0]) : 0;
}

static int wait_for(pid_t child, int *status, struct err *err)
{
    int raw = 0;
    while (waitpid(child, &raw, 0) < 0) {
        if (errno != EINTR)
            return err_errno(err, "wait for process %ld", (long)child);
    }
    *status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    return 0;
}

struct left_to_child {
    struct sigaction old_int, old_quit, old_pipe;
};

static void leave_signals(struct left_to_child *signals)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGINT, &ignore, &signals->old_int);
    sigaction(SIGQUIT, &ignore, &signals->old_quit);
    sigaction(SIGPIPE, &ignore, &signals->old_pipe); /* a child need not read what it is fed */
}

static void take_signals(struct left_to_child *signals)
{
    sigaction(SIGINT, &signals->old_int, NULL);
    sigaction(SIGQUIT, &signals->old_quit, NULL);
    sigaction(SIGPIPE, &signals->old_pipe, NULL);
}

int process_run(const struct process *process, int *status, struct err *err)
{
    AUTO(take_signals) struct left_to_child signals;
    leave_signals(&signals);
    pid_t child = 0;
    int rc = spawn(process, -1, -1, &child, err);
    return rc ? rc : wait_for(child, status, err);
}

static void drain(int fd, struct buf *out)
{
    char chunk[4096];
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof(chunk));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        buf_add(out, chunk, (size_t)got);
    }
}

int process_capture(const struct process *process, struct buf *out, int *status, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_errno(err, "pipe");
    AUTO_CLOSE int reader = ends[0];
    AUTO(take_signals) struct left_to_child signals;
    leave_signals(&signals);
    pid_t child = 0;
    int rc = spawn(process, -1, ends[1], &child, err);
    close(ends[1]);
    if (rc)
        return rc;
    drain(reader, out);
    return wait_for(child, status, err);
}

/* Our ends of the pipes to a child that is fed and listened to. */
struct exchange {
    int to;   /* -1: closed, all is written */
    int from; /* -1: closed, it writes no more */
    const char *input;
    size_t left;
};

static void exchange_close(struct exchange *exchange)
{
    mem_close_at(&exchange->to);
    mem_close_at(&exchange->from);
}

static void shut(int *fd)
{
    mem_close_at(fd);
    *fd = -1;
}

static bool is_passing(ssize_t moved)
{
    return moved < 0 && (errno == EINTR || errno == EAGAIN);
}

/* A part of the input. A child that has closed its end wants no more of it. */
static void feed(struct exchange *exchange)
{
    ssize_t put = write(exchange->to, exchange->input, exchange->left);
    if (is_passing(put))
        return;
    if (put > 0) {
        exchange->input += put;
        exchange->left -= (size_t)put;
    }
    if (put < 0 || !exchange->left)
        shut(&exchange->to);
}

/* A part of the output, which may be a secret. */
static void listen_to(struct exchange *exchange, struct buf *out)
{
    char chunk[4096];
    ssize_t got = read(exchange->from, chunk, sizeof(chunk));
    if (is_passing(got))
        return;
    if (got <= 0)
        shut(&exchange->from);
    else
        buf_add(out, chunk, (size_t)got);
    if (buf_overflowed(out))
        shut(&exchange->from); /* it may go on for ever */
    explicit_bzero(chunk, sizeof(chunk));
}

/* Both ways side by side: either pipe may be full before the other is read. */
static void talk(struct exchange *exchange, struct buf *out)
{
    (void)fcntl(exchange->to, F_SETFL, O_NONBLOCK);
    if (!exchange->left)
        shut(&exchange->to);
    while (exchange->from >= 0) {
        struct pollfd ends[] = {{exchange->from, POLLIN, 0}, {exchange->to, POLLOUT, 0}};
        if (poll(ends, COUNT(ends), -1) < 0)
            continue;
        if (ends[0].revents)
            listen_to(exchange, out);
        if (ends[1].revents)
            feed(exchange);
    }
}

int process_exchange(const struct process *process, const char *input, size_t input_len,
                     struct buf *out, int *status, struct err *err)
{
    int ends[2];
    AUTO(exchange_close) struct exchange exchange = {-1, -1, input, input_len};
    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_errno(err, "pipe");
    AUTO_CLOSE int child_input = ends[0];
    exchange.to = ends[1];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_errno(err, "pipe");
    AUTO_CLOSE int child_output = ends[1];
    exchange.from = ends[0];
    AUTO(take_signals) struct left_to_child signals;
    leave_signals(&signals);
    pid_t child = 0;
    int rc = spawn(process, child_input, child_output, &child, err);
    if (rc)
        return rc;
    shut(&child_input);
    shut(&child_output);
    talk(&exchange, out);
    shut(&exchange.to);
    return wait_for(child, status, err);
}
