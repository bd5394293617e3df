#include "cmd/serve/restart.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cmd/log.h"

#define READY_VARIABLE "WASME_SERVE_READY_FD"
#define LOCK_VARIABLE "WASME_SERVE_LOCK_FD"

enum {
    ARGUMENTS_MAX = 2 * 1024 * 1024,
    SOCKETS_MAX = SERVER_LISTENERS_MAX + 2, /* with the descriptors for "ready" and of the lock */
};

extern char **environ;

static int take_descriptor(const char *variable)
{
    const char *text = getenv(variable);
    long fd = text ? strtol(text, NULL, 10) : -1;
    unsetenv(variable);
    return fd >= SYSTEMD_FIRST_FD && fd < SYSTEMD_FIRST_FD + SOCKETS_MAX &&
                   fcntl((int)fd, F_SETFD, FD_CLOEXEC) == 0
               ? (int)fd
               : -1;
}

void serve_restart_take(int *ready, int *lock)
{
    *ready = take_descriptor(READY_VARIABLE);
    *lock = take_descriptor(LOCK_VARIABLE);
}

void serve_restart_tell(int fd)
{
    if (fd < 0)
        return;
    (void)!write(fd, "1", 1);
    close(fd);
}

void serve_restart_init(struct serve_restart *restart, struct server *server,
                        struct systemd *systemd)
{
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path));
    *restart =
        (struct serve_restart){.server = server, .systemd = systemd, .lock = -1, .ready.fd = -1};
    restart->program = len > 0 && len < PATH_MAX ? mem_dup_n(path, (size_t)len) : NULL;
}

/* A program, as it is handed to execve(2); all is made before the fork. */
struct plan {
    struct buf text; /* the arguments, each with a NUL */
    char **argv, **env;
    char pid[32]; /* "LISTEN_PID=..." */
    char count[32], ready[48], lock[48];
    char *notify, *watchdog;
    int sockets[SOCKETS_MAX]; /* and other descriptors */
    int socket_count;
};

static void plan_release(struct plan *plan)
{
    buf_release(&plan->text);
    free(plan->argv);
    free(plan->env);
    free(plan->notify);
    free(plan->watchdog);
}

static int read_arguments(struct plan *plan, struct err *err)
{
    size_t count = 0;
    int rc = file_read(AT_FDCWD, "/proc/self/cmdline", "our arguments", &plan->text, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < plan->text.len; i++)
        count += !plan->text.data[i];
    plan->argv = mem_zero(count + 1, sizeof(*plan->argv));
    char *at = plan->text.data;
    for (size_t i = 0; i < count; i++, at += strlen(at) + 1)
        plan->argv[i] = at;
    return count ? 0 : err_set(err, ERR_FAILED, "our arguments are not known");
}

/* Adds a descriptor that the new process gets; returns its number there. */
static int hand_over(struct plan *plan, int fd)
{
    plan->sockets[plan->socket_count] = fd;
    return SYSTEMD_FIRST_FD + plan->socket_count++;
}

static void make_environment(struct plan *plan, const struct systemd *systemd)
{
    size_t count = 0;
    while (environ[count])
        count++;
    plan->env = mem_zero(count + 7, sizeof(*plan->env));
    memcpy(plan->env, environ, count * sizeof(*plan->env));
    snprintf(plan->pid, sizeof(plan->pid), "LISTEN_PID=");
    plan->env[count++] = plan->pid;
    plan->env[count++] = plan->count;
    plan->env[count++] = plan->ready;
    if (plan->lock[0])
        plan->env[count++] = plan->lock;
    if (systemd->notify_socket) {
        plan->notify = mem_printf("NOTIFY_SOCKET=%s", systemd->notify_socket);
        plan->env[count++] = plan->notify;
    }
    if (systemd->watchdog_ms) {
        plan->watchdog = mem_printf("WATCHDOG_USEC=%" PRId64 "000", systemd->watchdog_ms);
        plan->env[count++] = plan->watchdog;
    }
}

static int make_plan(struct plan *plan, const struct serve_restart *restart, int ready,
                     struct err *err)
{
    size_t count;
    const int *listeners = server_listeners(restart->server, &count);
    if (!count)
        return err_set(err, ERR_FAILED, "the server is about to end");
    for (size_t i = 0; i < count; i++)
        (void)hand_over(plan, listeners[i]);
    snprintf(plan->count, sizeof(plan->count), "LISTEN_FDS=%zu", count);
    snprintf(plan->ready, sizeof(plan->ready), READY_VARIABLE "=%d", hand_over(plan, ready));
    if (restart->lock >= 0)
        snprintf(plan->lock, sizeof(plan->lock), LOCK_VARIABLE "=%d",
                 hand_over(plan, restart->lock));
    int rc = read_arguments(plan, err);
    if (!rc)
        make_environment(plan, restart->systemd);
    return rc;
}

/* Writes the digits of our pid behind "LISTEN_PID=": in the child of a process with threads, only
 * few functions may be called. */
static void write_pid(char *out)
{
    char digits[16];
    size_t count = 0;
    for (int pid = getpid(); pid; pid /= 10)
        digits[count++] = (char)('0' + pid % 10);
    while (count)
        *out++ = digits[--count];
    *out = '\0';
}

/* Puts the sockets at 3, 4, and so on. They are moved out of each other's way first. */
static bool place_sockets(struct plan *plan)
{
    int beyond = SYSTEMD_FIRST_FD + plan->socket_count;
    for (int i = 0; i < plan->socket_count; i++) {
        plan->sockets[i] = fcntl(plan->sockets[i], F_DUPFD_CLOEXEC, beyond);
        if (plan->sockets[i] < 0)
            return false;
    }
    for (int i = 0; i < plan->socket_count; i++)
        if (dup2(plan->sockets[i], SYSTEMD_FIRST_FD + i) < 0)
            return false;
    (void)close_range((unsigned)beyond, ~0U, 0);
    return true;
}

/* In the child. The path that was typed counts first: it may be a link that leads to a newer
 * program now. */
static void become(struct plan *plan, const char *program)
{
    sigset_t pipe_only;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    write_pid(plan->pid + strlen(plan->pid));
    if (place_sockets(plan)) {
        sigprocmask(SIG_UNBLOCK, &pipe_only, NULL);
        execvpe(plan->argv[0], plan->argv, plan->env);
        if (program && errno == ENOENT)
            execve(program, plan->argv, plan->env);
    }
    _exit(127);
}

static void give_up(struct serve_restart *restart)
{
    if (restart->ready.fd >= 0) {
        int fd = restart->ready.fd;
        server_unwatch(restart->server, &restart->ready);
        close(fd);
    }
    restart->child = 0;
}

/* The child said that it is ready, or has ended. */
static void take_answer(void *opaque)
{
    struct serve_restart *restart = opaque;
    char answer = 0;
    int status = 0;
    pid_t child = restart->child;
    bool ready = read(restart->ready.fd, &answer, 1) == 1;
    give_up(restart);
    if (!ready) {
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        AUTO_FREE char *how = WIFEXITED(status) ? mem_printf("exit status %d", WEXITSTATUS(status))
                                                : mem_printf("signal %d", WTERMSIG(status));
        log_warningf("restart: the new process %d ended with %s: this one goes on", child, how);
        return;
    }
    AUTO_FREE char *state = mem_printf("MAINPID=%d", child);
    systemd_notify(restart->systemd, state);
    systemd_release(restart->systemd); /* the messages are those of the new process from now on */
    log_infof("restart: process %d goes on, and this one ends after the running requests", child);
    server_retire(restart->server);
}

static int start(struct serve_restart *restart, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_errno(err, "make a pipe");
    AUTO_CLOSE int from = ends[0];
    AUTO_CLOSE int to = ends[1];
    AUTO(plan_release) struct plan plan = {.text = BUF_INIT(ARGUMENTS_MAX)};
    int rc = make_plan(&plan, restart, to, err);
    if (rc)
        return rc;
    restart->ready = (struct server_watch){from, take_answer, restart};
    rc = server_watch(restart->server, &restart->ready, err);
    if (rc)
        return rc;
    from = -1;
    restart->child = fork();
    if (restart->child == 0)
        become(&plan, restart->program);
    return restart->child < 0 ? err_errno(err, "start %s", plan.argv[0]) : 0;
}

static void end_child(const struct serve_restart *restart)
{
    if (restart->child <= 0)
        return;
    kill(restart->child, SIGKILL);
    waitpid(restart->child, NULL, 0);
}

void serve_restart_begin(void *opaque)
{
    struct serve_restart *restart = opaque;
    AUTO(err_release) struct err err = ERR_INIT;
    int rc;
    end_child(restart);
    give_up(restart);
    if (getpid() == 1) /* with its first process, a container ends */
        rc = err_set(&err, ERR_UNSUPPORTED, "process 1 cannot hand over: start a new container");
    else
        rc = start(restart, &err);
    if (!rc)
        return;
    give_up(restart);
    log_warningf("restart: %s: this process goes on", err_text(&err));
}

void serve_restart_release(struct serve_restart *restart)
{
    end_child(restart);
    mem_close_at(&restart->ready.fd);
    free(STEAL(restart->program));
}
