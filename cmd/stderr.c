#include "cmd/stderr.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
    PIECE = 4096, /* a pipe that takes anything takes so many bytes at once: pipe(7), PIPE_BUF */
    REST = 10,    /* of the time, in which is waited once */
};

static int patience = -1;
static int64_t patient_again; /* clock_ms() */
static long long lost;        /* lines */
static bool torn;             /* the last line was written in part */

void stderr_set_patience(int ms)
{
    patience = ms;
}

static bool is_ready(int ms)
{
    struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};
    int count;
    do
        count = poll(&fd, 1, ms);
    while (count < 0 && errno == EINTR);
    return count != 0; /* an error is one of the write, too */
}

static bool wait_for_reader(void)
{
    if (is_ready(0))
        return true;
    int64_t now = clock_ms();
    if (now < patient_again)
        return false;
    patient_again = now + (int64_t)patience * REST;
    return is_ready(patience);
}

/* Returns false when the reader did not take all of it. A log that cannot be written stops nobody:
 * an error counts as if all were written. */
static bool write_in_time(const char *text)
{
    for (size_t left = strlen(text); left;) {
        if (!wait_for_reader())
            return false;
        ssize_t count = write(STDERR_FILENO, text, left < PIECE ? left : PIECE);
        if (count < 0 && errno != EINTR)
            return errno != EAGAIN;
        if (count > 0) {
            text += count;
            left -= (size_t)count;
            torn = left > 0;
        }
    }
    return true;
}

void stderr_line(const char *line)
{
    if (patience < 0) {
        fprintf(stderr, "%s\n", line);
        return;
    }
    AUTO_FREE char *text = mem_printf("%s%s\n", torn ? "\n" : "", line);
    if (!write_in_time(text))
        lost++;
}

long long stderr_take_lost(void)
{
    long long count = lost && is_ready(0) ? lost : 0;
    lost -= count;
    return count;
}
