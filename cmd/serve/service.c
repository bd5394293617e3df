#include "cmd/serve/service.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

int serve_service_take(struct serve_service *out, struct err *err)
{
    *out = (struct serve_service){.signals = SERVE_SIGNALS_INIT,
                                  .restart.ready.fd = -1,
                                  .stop.fd = -1,
                                  .watchdog.fd = -1,
                                  .ready = -1,
                                  .lock = -1};
    serve_restart_take(&out->ready, &out->lock);
    return systemd_take(&out->systemd, err);
}

void serve_service_use(const struct serve_service *service, struct server_options *options)
{
    options->listeners = service->systemd.listeners;
    options->listener_count = service->systemd.listener_count;
}

static void close_watch(struct serve_service *service, struct server_watch *watch)
{
    int fd = watch->fd;
    server_unwatch(service->restart.server, watch);
    close(fd);
}

static void tell_stop(void *arg)
{
    struct serve_service *service = arg;
    systemd_notify(&service->systemd, "STOPPING=1");
    close_watch(service, &service->stop);
}

static void tell_alive(void *arg)
{
    const struct serve_service *service = arg;
    uint64_t times;
    (void)!read(service->watchdog.fd, &times, sizeof(times));
    systemd_notify(&service->systemd, "WATCHDOG=1");
}

static int begin_watchdog(struct serve_service *service, struct server *server, struct err *err)
{
    int64_t ms = service->systemd.watchdog_ms / 2;
    if (!service->systemd.watchdog_ms)
        return 0;
    struct timespec each = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 + 1};
    struct itimerspec time = {each, each};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (fd < 0)
        return err_errno(err, "make a timer");
    service->watchdog = (struct server_watch){fd, tell_alive, service};
    if (timerfd_settime(fd, 0, &time, NULL) != 0)
        return err_errno(err, "set a timer");
    return server_watch(server, &service->watchdog, err);
}

static bool has_terminal(void)
{
    AUTO_CLOSE int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0;
}

/* systemd.service(5), Type=notify-reload: the first message has the time at which it was made. */
static void begin_reload(void *arg)
{
    const struct serve_service *service = arg;
    struct timespec now = {.tv_sec = 0};
    if (service->ends_with_terminal && !has_terminal())
        (void)raise(SIGTERM);
    clock_gettime(CLOCK_MONOTONIC, &now);
    AUTO_FREE char *state = mem_printf("RELOADING=1\nMONOTONIC_USEC=%lld",
                                       (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    systemd_notify(&service->systemd, state);
}

static void end_reload(void *arg)
{
    const struct serve_service *service = arg;
    systemd_notify(&service->systemd, "READY=1");
}

void serve_service_on_reload(struct serve_service *service, void (*act)(void *arg), void *arg)
{
    if (!service->signals.count)
        serve_signals_add(&service->signals, SIGHUP, begin_reload, service);
    serve_signals_add(&service->signals, SIGHUP, act, arg);
}

int serve_service_begin(struct serve_service *service, struct server *server, int stop,
                        struct err *err)
{
    service->ends_with_terminal = has_terminal();
    int copy = fcntl(stop, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        return err_errno(err, "copy a descriptor");
    service->stop = (struct server_watch){copy, tell_stop, service};
    serve_restart_init(&service->restart, server, &service->systemd);
    if (service->systemd.notify_socket && !service->signals.count) /* "reload" must not end us */
        serve_signals_add(&service->signals, SIGHUP, begin_reload, service);
    if (service->signals.count)
        serve_signals_add(&service->signals, SIGHUP, end_reload, service);
    serve_signals_add(&service->signals, SIGUSR2, serve_restart_begin, &service->restart);
    int rc = server_watch(server, &service->stop, err);
    if (!rc)
        rc = begin_watchdog(service, server, err);
    if (!rc)
        rc = serve_signals_begin(&service->signals, server, err);
    return rc;
}

int serve_service_lock(struct serve_service *service)
{
    return STEAL_FD(service->lock);
}

void serve_service_hand_over(struct serve_service *service, int lock)
{
    service->restart.lock = lock;
}

void serve_service_ready(struct serve_service *service)
{
    systemd_notify(&service->systemd, "READY=1");
    serve_restart_tell(STEAL_FD(service->ready));
}

void serve_service_release(struct serve_service *service)
{
    serve_restart_release(&service->restart);
    serve_signals_release(&service->signals);
    systemd_release(&service->systemd);
    mem_close_at(&service->stop.fd);
    mem_close_at(&service->watchdog.fd);
    mem_close_at(&service->lock);
    /* `ready` ends with the process: the one before us then knows how this one ended. */
}
