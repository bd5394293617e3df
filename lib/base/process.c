#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
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

static int spawn(const struct process *process, int output, pid_t *child, struct err *err)
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
    struct sigaction old_int, old_quit;
};

static void leave_signals(struct left_to_child *signals)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGINT, &ignore, &signals->old_int);
    sigaction(SIGQUIT, &ignore, &signals->old_quit);
}

static void take_signals(struct left_to_child *signals)
{
    sigaction(SIGINT, &signals->old_int, NULL);
    sigaction(SIGQUIT, &signals->old_quit, NULL);
}

int process_run(const struct process *process, int *status, struct err *err)
{
    AUTO(take_signals) struct left_to_child signals;
    leave_signals(&signals);
    pid_t child = 0;
    int rc = spawn(process, -1, &child, err);
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
    int rc = spawn(process, ends[1], &child, err);
    close(ends[1]);
    if (rc)
        return rc;
    drain(reader, out);
    return wait_for(child, status, err);
}
