#include "cmd/interrupt.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

static volatile int interrupted;
static volatile int event_fd = -1;
static bool for_child;

/* SIGHUP is caught only when there is a child to hand it to. */
static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
static volatile sig_atomic_t caught[COUNT(numbers)];

/* With a child, the second signal ends that at once, and we clean up; the third one ends us. */
static void on_signal(int number)
{
    static const uint64_t one = 1;
    bool last = !for_child || interrupted;
    interrupted = interrupted ? -abs(interrupted) : number;
    for (size_t i = 0; i < COUNT(numbers) && last; i++)
        if (caught[i])
            signal(numbers[i], SIG_DFL);
    if (event_fd >= 0)
        (void)!write(event_fd, &one, sizeof(one));
}

static void catch_first(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sigaction action = {.sa_handler = on_signal}, old;
        if (sigaction(numbers[i], NULL, &old) != 0 || old.sa_handler == SIG_IGN)
            continue;
        caught[i] = 1;
        sigaction(numbers[i], &action, NULL);
    }
}

const volatile int *interrupt_catch(void)
{
    catch_first(COUNT(numbers) - 1);
    return &interrupted;
}

const volatile int *interrupt_catch_for_child(void)
{
    for_child = true;
    catch_first(COUNT(numbers));
    return &interrupted;
}

const volatile int *interrupt_flag(void)
{
    return &interrupted;
}

int interrupt_fd(void)
{
    if (event_fd < 0)
        event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    interrupt_catch();
    return event_fd;
}

int interrupt_status(void)
{
    return 128 + (for_child && interrupted ? abs(interrupted) : SIGINT);
}
