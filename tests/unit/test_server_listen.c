/* Sockets that listen already, descriptors that are watched, and a server that retires. */
#include "tests/unit/server_fixture.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

static int socket_of(int type, bool listens, int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, type, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    if (listens)
        assert_int_equal(listen(fd, 8), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static int dial(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

static void test_sockets_that_listen_already(void **state)
{
    struct fixture *fixture = *state;
    struct server_options options = fixture_options(fixture);
    int ports[2];
    const int sockets[] = {socket_of(SOCK_STREAM, true, &ports[0]),
                           socket_of(SOCK_STREAM, true, &ports[1])};
    options.listeners = sockets;
    options.listener_count = 2;
    fixture_start_with(fixture, &options);
    assert_int_equal(server_port(fixture->server), ports[0]);
    assert_true(server_is_local(fixture->server));
    for (int i = 0; i < 6; i++) {
        AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
        AUTO_CLOSE int fd = dial(ports[i % 2]);
        client_expect_in(client_exchange(fd, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", &got),
                         "200 OK");
        assert_string_equal(buf_text(&got.body), HELLO);
    }
}

static void expect_unfit(struct fixture *fixture, int fd)
{
    AUTO(err_release) struct err err = ERR_INIT;
    struct server_options options = fixture_options(fixture);
    AUTO_FREE char *message = mem_printf("descriptor %d is no listening socket of TCP", fd);
    struct server *server = NULL;
    options.listeners = &fd;
    options.listener_count = 1;
    assert_int_equal(server_open(&options, &server, &err), ERR_USAGE);
    assert_string_equal(err_text(&err), message);
    assert_null(server);
}

static void test_descriptors_that_are_unfit(void **state)
{
    int port;
    int udp = socket_of(SOCK_DGRAM, false, &port), quiet = socket_of(SOCK_STREAM, false, &port);
    struct fixture *fixture = *state;
    expect_unfit(fixture, udp);
    expect_unfit(fixture, quiet);
    expect_unfit(fixture, fixture->hello);
    expect_unfit(fixture, 9999);
    close(udp);
    close(quiet);
}

static void retire(void *arg)
{
    struct fixture *fixture = arg;
    server_retire(fixture->server);
    server_unwatch(fixture->server, &fixture->watch);
}

/* Starts a server that retires by an event. */
static void start_retiring(struct fixture *fixture)
{
    struct server_options options = fixture_options(fixture);
    fixture->watch = (struct server_watch){eventfd(0, EFD_CLOEXEC), retire, fixture};
    fixture->event = fixture->watch.fd;
    options.drain_ms = 0;
    fixture_open_with(fixture, &options);
    assert_int_equal(server_watch(fixture->server, &fixture->watch, ERR_IGNORED), 0);
    fixture_run(fixture);
}

/* A connection that the server has accepted: it answers later connections. */
static int dial_accepted(struct fixture *fixture)
{
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int fd = client_dial(fixture);
    client_get(fixture, "/hello", "", &got);
    return fd;
}

static void wait_until_retired(const struct fixture *fixture, int port)
{
    int fd;
    assert_int_equal(eventfd_write(fixture->event, 1), 0);
    while ((fd = dial(port)) >= 0)
        close(fd);
}

/* A connection that has not asked yet is answered, and so is one that waits between requests. */
static void test_a_retired_server_answers_its_connections(void **state)
{
    static const char ask[] = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    struct fixture *fixture = *state;
    start_retiring(fixture);
    int port = server_port(fixture->server);
    int used = client_dial(fixture);
    client_expect_not_in(client_exchange(used, ask, &got), "Connection: close");
    int fresh = client_dial(fixture);
    client_expect_not_in(client_exchange(used, ask, &got), "Connection: close");
    wait_until_retired(fixture, port);
    client_expect_in(client_exchange(fresh, ask, &got), "Connection: close");
    assert_string_equal(buf_text(&got.body), HELLO);
    client_expect_end(fresh);
    client_expect_in(client_exchange(used, ask, &got), "Connection: close");
    client_expect_end(used);
    fixture_wait_for_end(fixture);
    close(fixture->event);
}

/* Nobody waits long for a connection without a request. */
static void test_a_retired_server_ends_idle_connections(void **state)
{
    struct fixture *fixture = *state;
    start_retiring(fixture);
    int port = server_port(fixture->server);
    int idle = dial_accepted(fixture);
    wait_until_retired(fixture, port);
    client_expect_end(idle);
    fixture_wait_for_end(fixture);
    close(fixture->event);
}

static void test_a_retired_server_can_be_stopped(void **state)
{
    struct fixture *fixture = *state;
    start_retiring(fixture);
    int port = server_port(fixture->server);
    int idle = dial_accepted(fixture);
    wait_until_retired(fixture, port);
    fixture_stop(fixture);
    client_expect_end(idle);
    fixture_wait_for_end(fixture);
    close(fixture->event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(test_sockets_that_listen_already),
        SERVER_TEST(test_descriptors_that_are_unfit),
        SERVER_TEST(test_a_retired_server_answers_its_connections),
        SERVER_TEST(test_a_retired_server_ends_idle_connections),
        SERVER_TEST(test_a_retired_server_can_be_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
