#include "cmd/serve/systemd.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"

/* Whether the text is a number from 1 to `max`. */
static bool read_number(const char *text, long long max, long long *out)
{
    size_t len = text ? strlen(text) : 0;
    if (len == 0 || len > 18 || strspn(text, "0123456789") != len)
        return false;
    *out = strtoll(text, NULL, 10);
    return *out > 0 && *out <= max;
}

/* A variable that names another process was left over by our parent. */
static bool is_for_us(const char *variable)
{
    const char *text = getenv(variable);
    long long pid;
    return read_number(text, INT32_MAX, &pid) && pid == getpid();
}

static int take_listeners(struct systemd *out, struct err *err)
{
    const char *text = getenv("LISTEN_FDS");
    long long count;
    if (!text || !is_for_us("LISTEN_PID"))
        return 0;
    if (!read_number(text, SERVER_LISTENERS_MAX, &count))
        return err_set(err, ERR_USAGE, "LISTEN_FDS is \"%.20s\": at most %d sockets can be used",
                       text, SERVER_LISTENERS_MAX);
    out->listener_count = (size_t)count;
    for (int i = 0; i < (int)count; i++)
        out->listeners[i] = SYSTEMD_FIRST_FD + i;
    return 0;
}

static void take_watchdog(struct systemd *out)
{
    long long microseconds;
    if (read_number(getenv("WATCHDOG_USEC"), INT64_MAX, &microseconds) &&
        (!getenv("WATCHDOG_PID") || is_for_us("WATCHDOG_PID")))
        out->watchdog_ms = microseconds / 1000 + 1;
}

int systemd_take(struct systemd *out, struct err *err)
{
    static const char *const variables[] = {"LISTEN_FDS",     "LISTEN_PID",    "LISTEN_FDNAMES",
                                            "LISTEN_PIDFDID", "NOTIFY_SOCKET", "WATCHDOG_USEC",
                                            "WATCHDOG_PID"};
    *out = (struct systemd){.notify_socket = mem_dup_or_null(getenv("NOTIFY_SOCKET"))};
    int rc = take_listeners(out, err);
    take_watchdog(out);
    for (size_t i = 0; i < COUNT(variables); i++)
        unsetenv(variables[i]);
    return rc;
}

void systemd_notify(const struct systemd *systemd, const char *state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = systemd->notify_socket;
    size_t len = path ? strlen(path) : 0;
    if (len < 2 || len >= sizeof(address.sun_path) || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(address.sun_path, path, len);
    if (path[0] == '@') /* unix(7): an abstract name begins with a NUL */
        address.sun_path[0] = '\0';
    AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
                     (const struct sockaddr *)&address,
                     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
}

void systemd_release(struct systemd *systemd)
{
    free(STEAL(systemd->notify_socket));
}
