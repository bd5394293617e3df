#include "cmd/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static volatile int interrupted;
static volatile int event_fd = -1;

static void on_signal(int number)
{
    (void)number;
    static const uint64_t one = 1;
    interrupted = 1;
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    if (event_fd >= 0)
        (void)!write(event_fd, &one, sizeof(one));
}

const volatile int *interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return &interrupted;
}

int interrupt_fd(void)
{
    if (event_fd < 0)
        event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    interrupt_catch();
    return event_fd;
}
