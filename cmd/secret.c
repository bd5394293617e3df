#include "cmd/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cmd/interrupt.h"

void secret_guard(void)
{
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int secret_from_stdin(const char *option, char **out, struct err *err)
{
    /* The buffer never grows: a growing buffer would leave copies of the secret behind. */
    struct buf text AUTO(buf_wipe) = BUF_INIT(SECRET_MAX + 2); /* and a line end */
    buf_reserve(&text);
    int rc = file_read_fd(STDIN_FILENO, "standard input", &text, err);
    if (rc == ERR_DAMAGED)
        return err_set(err, ERR_USAGE, "%s: more than %d bytes", option, SECRET_MAX);
    if (rc)
        return err_wrap(err, "%s", option);
    while (text.len && strchr("\r\n", text.data[text.len - 1]))
        text.data[--text.len] = '\0';
    if (!text.len)
        return err_set(err, ERR_USAGE, "%s: standard input is empty", option);
    if (strlen(text.data) != text.len)
        return err_set(err, ERR_USAGE, "%s: standard input holds a NUL", option);
    *out = mem_dup(text.data);
    return 0;
}

/* A terminal whose echo is off for a while. */
struct quiet {
    int fd;
    bool changed;
    struct termios before;
};

static void quiet_end(struct quiet *quiet)
{
    if (quiet->changed)
        (void)tcsetattr(quiet->fd, TCSAFLUSH, &quiet->before);
    quiet->changed = false;
}

/* Turns the echo off. Ctrl-Z is disabled meanwhile, since the shell would get a terminal without
 * echo. */
static int quiet_begin(struct quiet *quiet, bool echo, struct err *err)
{
    if (tcgetattr(quiet->fd, &quiet->before) != 0)
        return err_errno(err, "/dev/tty");
    struct termios mute = quiet->before;
    if (!echo)
        mute.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
    mute.c_lflag |= ECHONL | ICANON | ISIG;
    mute.c_cc[VSUSP] = _POSIX_VDISABLE;
    quiet->changed = true;
    if (tcsetattr(quiet->fd, TCSAFLUSH, &mute) != 0)
        return err_errno(err, "/dev/tty");
    return 0;
}

/* Waits for a line or a signal, and reads the line; a terminal gives whole lines. */
static ssize_t wait_and_read(int fd, char *to, size_t room)
{
    struct pollfd ends[] = {{fd, POLLIN, 0}, {interrupt_fd(), POLLIN, 0}};
    while (poll(ends, COUNT(ends), -1) < 0) {
        if (errno != EINTR)
            return -1;
    }
    if (ends[1].revents) {
        errno = EINTR;
        return -1;
    }
    return read(fd, to, room);
}

static int read_line(int fd, char **out, struct err *err)
{
    char line[ANSWER_MAX + 1];
    ssize_t got = wait_and_read(fd, line, ANSWER_MAX);
    if (got < 0)
        return errno == EINTR ? err_set(err, ERR_INTERRUPTED, "interrupted")
                              : err_errno(err, "/dev/tty");
    size_t len = (size_t)got;
    while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
        len--;
    line[len] = '\0';
    if (len)
        *out = mem_dup(line);
    explicit_bzero(line, sizeof(line));
    return len ? 0 : err_set(err, ERR_USAGE, "no answer was given");
}

int secret_ask(const char *question, bool echo, char **out, struct err *err)
{
    AUTO_CLOSE int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, ERR_UNSUPPORTED, "there is no terminal to ask on");
    AUTO(quiet_end) struct quiet quiet = {.fd = fd};
    if (interrupt_fd() < 0)
        return err_errno(err, "eventfd");
    int rc = quiet_begin(&quiet, echo, err);
    if (!rc)
        rc = file_write_all(fd, question, strlen(question), "/dev/tty", err);
    if (!rc)
        rc = read_line(fd, out, err);
    quiet_end(&quiet); /* before any other output on the terminal */
    if (rc == ERR_INTERRUPTED)
        (void)file_write_all(fd, "\n", 1, "/dev/tty", ERR_IGNORED);
    return rc;
}
