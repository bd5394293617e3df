#include "cmd/stdout.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER = 64 * 1024 };

static int failed; /* errno of the first write that failed, or 0 */

/* Writes, unless an earlier write failed: the reader then has the beginning of the data, without a
 * gap. */
static ssize_t write_on(void *unused, const char *data, size_t len)
{
    (void)unused;
    size_t at = 0;
    while (!failed && at < len) {
        ssize_t put = write(STDOUT_FILENO, data + at, len - at);
        if (put >= 0)
            at += (size_t)put;
        else if (errno != EINTR)
            failed = errno;
    }
    errno = failed;
    return failed ? 0 : (ssize_t)len; /* fopencookie(3): 0 is an error */
}

void stdout_watch(void)
{
    static char buffer[BUFFER];
    static const cookie_io_functions_t functions = {.write = write_on};
    FILE *watched = fopencookie(NULL, "w", functions);
    if (!watched)
        return;
    (void)setvbuf(watched, buffer, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, sizeof(buffer));
    stdout = watched;
}

int stdout_finish(struct err *err)
{
    (void)fflush(stdout);
    if (!failed)
        return 0;
    return err_set(err, failed == EPIPE ? ERR_CLOSED : ERR_FAILED, "write standard output: %s",
                   strerror(failed));
}

bool stdout_is_closed(void)
{
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return failed == EPIPE || (poll(&output, 1, 0) == 1 && (output.revents & POLLERR));
}
