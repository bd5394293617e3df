#include "cmd/serve/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static volatile int event_fd = -1;
static volatile sig_atomic_t came[NSIG];

static void on_signal(int number)
{
    static const uint64_t one = 1;
    int saved = errno;
    came[number] = 1;
    (void)!write(event_fd, &one, sizeof(one));
    errno = saved;
}

void serve_signals_add(struct serve_signals *signals, int number, void (*act)(void *arg), void *arg)
{
    if (signals->count == SERVE_SIGNALS_MAX)
        return;
    signals->acts[signals->count].number = number;
    signals->acts[signals->count].act = act;
    signals->acts[signals->count].arg = arg;
    signals->count++;
}

/* Several acts may have the same number: the mark is taken away once, before the first act. */
static void act_on(const struct serve_signals *signals, int number)
{
    if (!came[number])
        return;
    came[number] = 0;
    for (size_t i = 0; i < signals->count; i++)
        if (signals->acts[i].number == number)
            signals->acts[i].act(signals->acts[i].arg);
}

static void take_signals(void *arg)
{
    const struct serve_signals *signals = arg;
    eventfd_t count;
    (void)eventfd_read(signals->watch.fd, &count);
    for (size_t i = 0; i < signals->count; i++)
        act_on(signals, signals->acts[i].number);
}

static void catch_signal(int number)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, old;
    if (sigaction(number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
        sigaction(number, &action, NULL);
}

int serve_signals_begin(struct serve_signals *signals, struct server *server, struct err *err)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return err_errno(err, "make an event descriptor");
    signals->watch = (struct server_watch){fd, take_signals, signals};
    int rc = server_watch(server, &signals->watch, err);
    if (rc)
        return rc;
    event_fd = fd;
    for (size_t i = 0; i < signals->count; i++)
        catch_signal(signals->acts[i].number);
    return 0;
}

void serve_signals_release(struct serve_signals *signals)
{
    if (event_fd >= 0) {
        for (size_t i = 0; i < signals->count; i++)
            signal(signals->acts[i].number, SIG_IGN);
        event_fd = -1;
    }
    if (signals->watch.fd >= 0)
        close(signals->watch.fd);
    signals->watch.fd = -1;
}
