/* The server under its limits, and how it starts and stops. */
#include "tests/unit/server_fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

static const char ask_hello[] = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
static const char ask_big[] = "GET /big HTTP/1.1\r\nHost: x\r\n\r\n";

static void test_slow_header(void **state)
{
    struct fixture *fixture = *state;
    FIXTURE_START_WITH(fixture, header_timeout_ms, 50);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int fd = client_dial(fixture);
    client_say(fd, "GET /hello HTTP/1.1\r\nHost: ");
    client_hear_head(fd, &got.head);
    client_expect_in(buf_text(&got.head), "HTTP/1.1 408 ");
    client_hear_bytes(fd, client_body_length(buf_text(&got.head)), &got.body);
    client_expect_end(fd);
    fixture_wait_for_log(fixture, 1);
    assert_int_equal(fixture->status, 408);
}

/* Bytes that come in time do not make the time longer. */
static void test_trickled_header(void **state)
{
    struct fixture *fixture = *state;
    FIXTURE_START_WITH(fixture, header_timeout_ms, 60);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    client_say(fd, "GET /hello HTTP/1.1\r\nHost: x\r\nX: ");
    struct pollfd answer = {.fd = fd, .events = POLLIN};
    int said = 0;
    while (poll(&answer, 1, 5) == 0 && said++ < PATIENCE_MS / 5)
        send(fd, "a", 1, MSG_NOSIGNAL);
    client_hear_head(fd, &got.head);
    client_expect_in(buf_text(&got.head), "HTTP/1.1 408 ");
    assert_true(said > 1);
}

static int dial_from(const struct fixture *fixture, const char *address)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in from = {.sin_family = AF_INET};
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)server_port(fixture->server)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(inet_pton(AF_INET, address, &from.sin_addr), 1);
    assert_int_equal(bind(fd, (const struct sockaddr *)&from, sizeof(from)), 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

static void test_one_address_does_not_take_all(void **state)
{
    struct fixture *fixture = *state;
    FIXTURE_START_WITH(fixture, max_per_address, 2);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int first = dial_from(fixture, "127.0.0.2");
    AUTO_CLOSE int second = dial_from(fixture, "127.0.0.2");
    client_exchange(first, ask_hello, &got);
    client_exchange(second, ask_hello, &got);
    client_expect_end(dial_from(fixture, "127.0.0.2"));
    client_expect_in(fixture->failure, "refused a connection from 127.0.0.2, which has 2");
    AUTO_CLOSE int other = dial_from(fixture, "127.0.0.3");
    client_exchange(other, ask_hello, &got);
    /* A connection that ends makes room. */
    client_say(first, "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    fixture_wait_for_log(fixture, 4);
    close(first);
    for (int i = 0;; i++) {
        AUTO_CLOSE int third = dial_from(fixture, "127.0.0.2");
        char byte;
        client_say(third, ask_hello);
        if (recv(third, &byte, 1, 0) == 1)
            break;
        assert_true(i < PATIENCE_MS);
    }
}

static void test_idle_connections_end(void **state)
{
    struct fixture *fixture = *state;
    FIXTURE_START_WITH(fixture, idle_timeout_ms, 200);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int used = client_dial(fixture);
    client_exchange(used, ask_hello, &got);
    int silent = client_dial(fixture);
    client_expect_end(silent);
    client_expect_end(used);
}

static void test_reader_that_stands_still(void **state)
{
    struct fixture *fixture = *state;
    FIXTURE_START_WITH(fixture, send_timeout_ms, 100);
    AUTO_CLOSE int fd = client_dial_with(fixture, 4096);
    client_say(fd, ask_big);
    fixture_wait_for_log(fixture, 1);
    assert_int_equal(fixture->status, 200);
    assert_true(fixture->bytes < BIG);
}

static void test_full_server_ends_the_oldest_idle(void **state)
{
    struct fixture *fixture = *state;
    FIXTURE_START_WITH(fixture, max_connections, 2);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int first = client_dial(fixture);
    client_exchange(first, ask_hello, &got);
    AUTO_CLOSE int second = client_dial(fixture);
    client_exchange(second, ask_hello, &got);
    AUTO_CLOSE int third = client_dial(fixture);
    client_exchange(third, ask_hello, &got);
    client_expect_end(first);
    client_exchange(second, ask_hello, &got);
}

/* With all connections busy, a new one waits until one of them is done. */
static void test_full_server_lets_wait(void **state)
{
    struct fixture *fixture = *state;
    FIXTURE_START_WITH(fixture, max_connections, 1);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT, other = EXCHANGE_INIT;
    AUTO_CLOSE int busy = client_dial_with(fixture, 4096);
    client_say(busy, "GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    client_hear_head(busy, &got.head);
    AUTO_CLOSE int waiting = client_dial(fixture);
    client_say(waiting, ask_hello);
    struct pollfd silence = {.fd = waiting, .events = POLLIN};
    assert_int_equal(poll(&silence, 1, 20), 0);
    client_hear_bytes(busy, BIG, &got.body);
    client_hear_head(waiting, &other.head);
    client_expect_in(buf_text(&other.head), " 200 ");
}

enum { FEW_FILES = 200 };

/* In a child, since the limit holds for the process. Leaves one free descriptor. */
static void serve_with_few_files(struct fixture *fixture, int out)
{
    struct rlimit few = {FEW_FILES, FEW_FILES};
    struct server_options options = fixture_options(fixture);
    options.max_connections = 1000;
    AUTO(err_release) struct err err = ERR_INIT;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (setrlimit(RLIMIT_NOFILE, &few) != 0 || server_open(&options, &fixture->server, &err) != 0)
        _exit(2);
    int hoard;
    do
        hoard = dup(fixture->stop);
    while (hoard >= 0);
    close(FEW_FILES - 1);
    int port = server_port(fixture->server);
    if (write(out, &port, sizeof(port)) != sizeof(port))
        _exit(3);
    server_run(fixture->server, fixture->stop, &err);
    server_close(fixture->server);
    _exit(strstr(fixture->failure, "Too many open files") ? 0 : 4);
}

/* Many slow requests arrive in one piece; other connections get their turn in between. */
static void test_requests_in_a_row_keep_nobody_waiting(void **state)
{
    enum { IN_A_ROW = 100 };
    struct fixture *fixture = fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO(buf_release) struct buf requests = BUF_INIT(BIG);
    for (int i = 0; i < IN_A_ROW; i++)
        buf_add_text(&requests, "HEAD /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    AUTO_CLOSE int greedy = client_dial(fixture);
    client_say(greedy, buf_text(&requests));
    client_hear_head(greedy, &got.head);
    client_expect_in(client_get(fixture, "/hello", "", &got), " 200 ");
    pthread_mutex_lock(&fixture->lock);
    int resolved = fixture->resolved;
    pthread_mutex_unlock(&fixture->lock);
    assert_in_range(resolved, 2, IN_A_ROW / 2);
    for (int i = 1; i < IN_A_ROW; i++) {
        client_hear_head(greedy, &got.head);
        client_expect_in(buf_text(&got.head), " 404 ");
    }
}

/* The client closes its side behind the requests, and the server still answers them. */
static void test_requests_in_a_row_before_the_end(void **state)
{
    struct fixture *fixture = fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int fd = client_dial(fixture);
    client_say(fd, "HEAD /slow HTTP/1.1\r\nHost: x\r\n\r\nHEAD /slow HTTP/1.1\r\nHost: x\r\n\r\n"
                   "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\nHEAD /slow HT");
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    client_hear_head(fd, &got.head);
    client_hear_head(fd, &got.head);
    client_hear_head(fd, &got.head);
    client_expect_in(buf_text(&got.head), " 200 ");
    client_expect_end(fd);
}

static void test_busy(void **state)
{
    struct fixture *fixture = fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    const char *head = client_get(fixture, "/busy", "", &got);
    client_expect_in(head, "HTTP/1.1 503 Service Unavailable");
    client_expect_in(head, "\r\nRetry-After: 1\r\n");
}

static int dial_port(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* Each connection takes the descriptor of the one before it. */
static void test_descriptors_run_out(void **state)
{
    struct fixture *fixture = *state;
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int out[2], status = 0, port = 0;
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0)
        serve_with_few_files(fixture, out[1]);
    close(out[1]);
    assert_int_equal(read(out[0], &port, sizeof(port)), sizeof(port));
    close(out[0]);
    int first = dial_port(port), second = dial_port(port);
    client_expect_end(first);
    client_expect_in(client_exchange(second, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", &got), " 200 ");
    close(second);
    fixture_stop(fixture);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_port_in_use(void **state)
{
    struct fixture *fixture = fixture_start(state);
    AUTO(err_release) struct err err = ERR_INIT;
    struct server_options options = fixture_options(fixture);
    struct server *second = NULL;
    options.port = server_port(fixture->server);
    AUTO_FREE char *expected = mem_printf("listen on 127.0.0.1 port %d: Address already in use by "
                                          "test_server_lim, process %d: stop that, or choose "
                                          "another port with --port",
                                          options.port, (int)getpid());
    assert_int_equal(server_open(&options, &second, &err), ERR_FAILED);
    assert_string_equal(err_text(&err), expected);
    assert_null(second);
}

static void test_address_of_nobody(void **state)
{
    struct fixture *fixture = *state;
    AUTO(err_release) struct err err = ERR_INIT;
    struct server_options options = fixture_options(fixture);
    struct server *server = NULL;
    options.bind = "not an address";
    assert_int_equal(server_open(&options, &server, &err), ERR_FAILED);
    client_expect_in(err_text(&err), "listen on not an address: ");
    assert_null(server);
}

static void test_listens_on_all(void **state)
{
    struct fixture *fixture = *state;
    FIXTURE_START_WITH(fixture, bind, NULL);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    client_expect_in(client_get(fixture, "/hello", "", &got), " 200 ");
    struct sockaddr_in6 address = {.sin6_family = AF_INET6,
                                   .sin6_port = htons((uint16_t)server_port(fixture->server)),
                                   .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    AUTO_CLOSE int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        print_message("skipped: no IPv6 on this system\n");
        return;
    }
    client_expect_in(client_exchange(fd, ask_hello, &got), " 200 ");
}

static void test_stop_finishes_what_runs(void **state)
{
    struct fixture *fixture = fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT, idle = EXCHANGE_INIT;
    int kept = client_dial(fixture), busy = client_dial_with(fixture, 4096);
    client_exchange(kept, ask_hello, &idle);
    client_say(busy, ask_big);
    client_hear_head(busy, &got.head);
    fixture_stop(fixture);
    client_expect_end(kept);
    client_hear_bytes(busy, BIG, &got.body);
    client_expect_pattern(&got.body, 0, BIG);
    client_expect_end(busy);
    fixture_wait_for_end(fixture);
    assert_int_equal(fixture->log_count, 2);
    assert_int_equal(fixture->bytes, BIG);
}

static void test_stop_ends_what_is_no_whole_request(void **state)
{
    struct fixture *fixture = fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int idle = client_dial(fixture), begun = client_dial(fixture);
    client_exchange(idle, ask_hello, &got);
    client_exchange(begun, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\n", &got);
    fixture_stop(fixture);
    client_expect_end(idle);
    client_expect_end(begun);
    fixture_wait_for_end(fixture);
}

static void test_stop_does_not_wait_for_ever(void **state)
{
    struct fixture *fixture = *state;
    FIXTURE_START_WITH(fixture, drain_ms, 50);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial_with(fixture, 4096);
    client_say(fd, ask_big);
    client_hear_head(fd, &got.head);
    fixture_stop(fixture);
    fixture_wait_for_end(fixture);
    assert_int_equal(fixture->log_count, 1);
    assert_true(fixture->bytes < BIG);
}

static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void test_descriptors_are_released(void **state)
{
    static const char *const targets[] = {"/hello", "/medium", "/big", "/shrunk", "/none"};
    struct fixture *fixture = *state;
    int before = open_descriptors();
    fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    for (size_t i = 0; i < COUNT(targets); i++) {
        client_get(fixture, targets[i], "", &got);
        client_get(fixture, targets[i], "If-None-Match: *\r\n", &got);
        client_get(fixture, targets[i], "Range: bytes=9-\r\n", &got);
    }
    int fd = client_dial(fixture);
    client_say(fd, ask_big);
    client_hear_head(fd, &got.head);
    close(fd);
    fixture_wait_for_log(fixture, 3 * COUNT(targets) + 1);
    fixture_stop(fixture);
    fixture_wait_for_end(fixture);
    server_close(STEAL(fixture->server));
    assert_int_equal(open_descriptors(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(test_slow_header),
        SERVER_TEST(test_trickled_header),
        SERVER_TEST(test_one_address_does_not_take_all),
        SERVER_TEST(test_idle_connections_end),
        SERVER_TEST(test_reader_that_stands_still),
        SERVER_TEST(test_full_server_ends_the_oldest_idle),
        SERVER_TEST(test_full_server_lets_wait),
        SERVER_TEST(test_requests_in_a_row_keep_nobody_waiting),
        SERVER_TEST(test_requests_in_a_row_before_the_end),
        SERVER_TEST(test_busy),
        SERVER_TEST(test_descriptors_run_out),
        SERVER_TEST(test_port_in_use),
        SERVER_TEST(test_address_of_nobody),
        SERVER_TEST(test_listens_on_all),
        SERVER_TEST(test_stop_finishes_what_runs),
        SERVER_TEST(test_stop_ends_what_is_no_whole_request),
        SERVER_TEST(test_stop_does_not_wait_for_ever),
        SERVER_TEST(test_descriptors_are_released),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
