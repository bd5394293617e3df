#include "base/process_bound.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/process_spawn.h"

/* Between fork(2) and exec, only functions that are safe in a signal handler are called: another
 * thread may have held any lock. */

static bool set_descriptors(const struct process_spawn *spawn, int report)
{
    int input = spawn->input < 0 ? open("/dev/null", O_RDONLY) : spawn->input;
    if (input < 0 || dup2(input, STDIN_FILENO) < 0)
        return false;
    if (spawn->output >= 0 && dup2(spawn->output, STDOUT_FILENO) < 0)
        return false;
    if (spawn->talk >= 0 && dup2(spawn->talk, STDERR_FILENO) < 0)
        return false;
    if (report > STDERR_FILENO + 1)
        (void)close_range(STDERR_FILENO + 1, (unsigned)report - 1, 0);
    (void)close_range((unsigned)report + 1, UINT_MAX, 0);
    return true;
}

/* Becomes the program, or returns with errno set. */
static void become(const struct process_spawn *spawn, const char *const *env, pid_t parent,
                   int report)
{
    if (spawn->own_group)
        (void)setpgid(0, 0);
    (void)signal(SIGPIPE, SIG_DFL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return;
    if (getppid() != parent) /* the parent ended before the call */
        _exit(128 + SIGKILL);
    if (spawn->cwd && chdir(spawn->cwd) != 0)
        return;
    if (set_descriptors(spawn, report))
        (void)execvpe(spawn->argv[0], (char *const *)(uintptr_t)spawn->argv,
                      (char *const *)(uintptr_t)env);
}

/* The number of the child's error; 0 when the pipe closed because the program runs. */
static int read_report(int fd)
{
    int number = 0;
    ssize_t got = 0;
    do
        got = read(fd, &number, sizeof(number));
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof(number) ? number : 0;
}

int process_spawn_bound(const struct process_spawn *spawn, const char *const *env, pid_t *pid)
{
    int pair[2];
    if (pipe2(pair, O_CLOEXEC) != 0)
        return errno;
    AUTO_CLOSE int reader = pair[0];
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        become(spawn, env, parent, pair[1]);
        (void)!write(pair[1], &errno, sizeof(errno));
        _exit(127);
    }
    int number = errno;
    (void)close(pair[1]);
    if (child < 0)
        return number;
    number = read_report(reader);
    if (number)
        (void)waitpid(child, NULL, 0);
    else
        *pid = child;
    return number;
}
