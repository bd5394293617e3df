/* The client of wasme run's checks. */
#include "unit.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/run/client.h"
#include "cmd/run/proxy.h"

/* Sends back what comes, and reads nothing while it writes. */
static void echo_all(int fd)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 4194304\r\n\r\n";
    char piece[4096];
    ssize_t got = write(fd, head, sizeof(head) - 1);
    while (got > 0 && (got = read(fd, piece, sizeof(piece))) > 0)
        for (ssize_t at = 0, sent = 0; at < got && sent >= 0; at += sent)
            sent = write(fd, piece + at, (size_t)(got - at));
}

/* A child; `fd` below 0: it sleeps. */
static pid_t begin_child(int fd, int other)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    (void)close(other);
    if (fd >= 0)
        echo_all(fd);
    else
        (void)pause();
    _exit(0);
}

static void an_answer_comes_while_the_request_goes(void **state)
{
    (void)state;
    enum { LENGTH = 4 * 1024 * 1024 };
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(client_answer_release) struct client_answer answer = {0};
    AUTO_FREE char *text = mem_zero(LENGTH + 1, 1);
    const struct proxy_wish wish = {.stop_fd = -1};
    struct proxy proxy = PROXY_INIT;
    int pair[2];
    memset(text, 'a', LENGTH);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    pid_t echo = begin_child(pair[1], pair[0]);
    proxy.wish = &wish;
    proxy.pid = begin_child(-1, pair[0]);
    proxy.running = true;
    (void)close(pair[1]);
    const struct client_request request = {.text = text, .len = LENGTH, .ms = 20000};
    int rc = client_ask(&proxy, pair[0], &request, &answer, &err);
    (void)kill(proxy.pid, SIGKILL);
    (void)kill(echo, SIGKILL);
    (void)waitpid(proxy.pid, NULL, 0);
    (void)waitpid(echo, NULL, 0);
    (void)close(pair[0]);
    assert_ok(rc, &err);
    assert_int_equal(answer.body.len, LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_comes_while_the_request_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
