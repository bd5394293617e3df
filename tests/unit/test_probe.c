/* The addresses of a registry, and whether they accept connections. */
#include "unit.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "http/probe_net.h"

static void addresses(void **state)
{
    (void)state;
    struct probe_addresses found;
    struct err err AUTO(err_release) = ERR_INIT;
    assert_int_equal(probe_resolve("127.0.0.1:5000", "443", &found, &err), 0);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.items[0].text, "127.0.0.1");
    assert_string_equal(found.port, "5000");
    assert_false(found.items[0].v6);
    assert_int_equal(probe_resolve("[::1]", "443", &found, &err), 0);
    assert_string_equal(found.items[0].text, "::1");
    assert_string_equal(found.port, "443");
    assert_true(found.items[0].v6);
    assert_int_equal(probe_resolve("[::1]:8080", "443", &found, &err), 0);
    assert_string_equal(found.port, "8080");
    assert_int_equal(probe_resolve("nothing.invalid", "443", &found, &err), ERR_NOT_FOUND);
}

/* An address that listens and an address that does not, probed together. */
static void connections(void **state)
{
    (void)state;
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(here);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&here, len), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&here, &len), 0);
    AUTO_FREE char *address = mem_printf("127.0.0.1:%d", ntohs(here.sin_port));
    struct probe_addresses found;
    struct probe_addresses closed;
    assert_int_equal(probe_resolve(address, "1", &found, ERR_IGNORED), 0);
    assert_int_equal(probe_resolve("127.0.0.1:1", "1", &closed, ERR_IGNORED), 0);
    found.items[found.count++] = closed.items[0];
    probe_connect(&found, 2000, NULL);
    assert_null(found.items[0].problem);
    assert_string_equal(found.items[1].problem, "Connection refused");
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(connections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
