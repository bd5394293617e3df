#include "base/process_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/process_bound.h"

extern char **environ;

static bool same_name(const char *a, const char *b)
{
    size_t len = strcspn(a, "=");
    return strncmp(a, b, len) == 0 && b[len] == '=';
}

/* Our environment with the child's own settings over it; the strings are borrowed. */
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

static void set_actions(const struct process_spawn *spawn, posix_spawn_file_actions_t *actions)
{
    if (spawn->cwd)
        posix_spawn_file_actions_addchdir_np(actions, spawn->cwd);
    if (spawn->input >= 0)
        posix_spawn_file_actions_adddup2(actions, spawn->input, STDIN_FILENO);
    else
        posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (spawn->output >= 0)
        posix_spawn_file_actions_adddup2(actions, spawn->output, STDOUT_FILENO);
    if (spawn->talk >= 0)
        posix_spawn_file_actions_adddup2(actions, spawn->talk, STDERR_FILENO);
    /* Not every library marks its sockets and files as close-on-exec. */
    posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
}

/* We may ignore SIGPIPE for ourselves; a child must not inherit that. */
static void set_attributes(const struct process_spawn *spawn, posix_spawnattr_t *attributes)
{
    sigset_t defaults;
    short flags = POSIX_SPAWN_SETSIGDEF;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(attributes, &defaults);
    if (spawn->own_group) {
        posix_spawnattr_setpgroup(attributes, 0);
        flags |= POSIX_SPAWN_SETPGROUP;
    }
    posix_spawnattr_setflags(attributes, flags);
}

/*
 * The kernel stops a process outside the terminal's own group for good when it reads from the
 * terminal (SIGTTIN), and where the terminal is set up so, when it writes there (SIGTTOU). A child
 * that ignores both gets an error for the read, and may write.
 */
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

static int spawn_freely(const struct process_spawn *spawn, const char *const *env, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    set_actions(spawn, &actions);
    set_attributes(spawn, &attributes);
    /* posix_spawn does not change the strings that its unqualified parameters point at. */
    int number = posix_spawnp(pid, spawn->argv[0], &actions, &attributes,
                              (char *const *)(uintptr_t)spawn->argv, (char *const *)(uintptr_t)env);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return number;
}

/* An ignored signal is inherited: ours are ignored for the moment of the start. */
int process_spawn(const struct process_spawn *spawn, pid_t *pid, struct err *err)
{
    struct terminal_signals old;
    const char **env = merge_env(spawn->env);
    if (spawn->own_group)
        ignore_terminal(&old);
    int number =
        spawn->dies_with_us ? process_spawn_bound(spawn, env, pid) : spawn_freely(spawn, env, pid);
    if (spawn->own_group)
        heed_terminal(&old);
    free(env);
    errno = number;
    return number ? err_errno(err, "start %s", spawn->argv[0]) : 0;
}
