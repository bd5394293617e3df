/* Networks in CIDR form, and who is let in by them. */
#include "tests/unit/server_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/mem.h"
#include "server/network.h"

static struct address address(const char *text)
{
    struct sockaddr_storage socket = {.ss_family = AF_INET6};
    struct sockaddr_in *four = (void *)&socket;
    struct sockaddr_in6 *six = (void *)&socket;
    struct address out;
    if (inet_pton(AF_INET6, text, &six->sin6_addr) != 1) {
        socket.ss_family = AF_INET;
        assert_int_equal(inet_pton(AF_INET, text, &four->sin_addr), 1);
    }
    address_of(&socket, &out);
    return out;
}

static bool has(const char *cidr, const char *text)
{
    AUTO(err_release) struct err err = ERR_INIT;
    struct network network;
    struct address one = address(text);
    if (network_parse(cidr, &network, &err))
        fail_msg("%s", err_text(&err));
    return network_has(&network, &one);
}

static void test_networks_have_addresses(void **state)
{
    (void)state;
    assert_true(has("10.0.0.0/8", "10.255.0.1"));
    assert_false(has("10.0.0.0/8", "11.0.0.1"));
    assert_true(has("10.0.0.128/25", "10.0.0.128"));
    assert_false(has("10.0.0.128/25", "10.0.0.127"));
    assert_true(has("10.0.0.7", "10.0.0.7"));
    assert_false(has("10.0.0.7", "10.0.0.6"));
    assert_true(has("0.0.0.0/0", "203.0.113.9"));
    assert_true(has("fd00::/8", "fdff::1"));
    assert_false(has("fd00::/8", "fe00::1"));
    assert_true(has("2001:db8::/33", "2001:db8:7fff::1"));
    assert_false(has("2001:db8::/33", "2001:db8:8000::1"));
    assert_true(has("::1", "::1"));
    assert_false(has("::1/128", "::2"));
}

/* On a socket for both, the address of an IPv4 peer is ::ffff:10.0.0.7. */
static void test_mapped_addresses_are_ipv4(void **state)
{
    (void)state;
    assert_true(has("10.0.0.0/8", "::ffff:10.0.0.7"));
    assert_true(has("::ffff:10.0.0.0/104", "10.0.0.7"));
    assert_true(has("::ffff:10.0.0.7", "::ffff:10.0.0.7"));
    assert_false(has("::/0", "10.0.0.7"));
    assert_false(has("::/0", "::ffff:10.0.0.7"));
    assert_false(has("0.0.0.0/0", "::1"));
}

static void test_loopback(void **state)
{
    static const char *const here[] = {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"};
    static const char *const far[] = {"128.0.0.1", "0.0.0.0", "::", "::ffff:10.0.0.1", "7f00::1"};
    (void)state;
    for (size_t i = 0; i < COUNT(here); i++) {
        struct address one = address(here[i]);
        assert_true(address_is_loopback(&one));
    }
    for (size_t i = 0; i < COUNT(far); i++) {
        struct address one = address(far[i]);
        assert_false(address_is_loopback(&one));
    }
}

static void test_texts_that_are_no_networks(void **state)
{
    static const char *const texts[] = {
        "",           "/",           "/8",           "10.0.0.0/",     "10.0.0.0/33",
        "10.0.0/8",   "10.0.0.0/-1", "10.0.0.0/08",  "10.0.0.0/8 ",   " 10.0.0.0/8",
        "fd00::/129", "fd00::/8/8",  "fe80::1%eth0", "[::1]",         "10.0.0.0/255.0.0.0",
        "localhost",  "10.0.0.7/8",  "fd00::1/64",   "::ffff:0:0/95", "10.0.0.0/4294967304",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        struct network network;
        if (network_parse(texts[i], &network, &err) != ERR_USAGE)
            fail_msg("accepted: %s", texts[i]);
        assert_non_null(strstr(err_text(&err), texts[i]));
    }
}

static void start_for(struct fixture *fixture, const char *cidr, struct network *network)
{
    struct server_options options = fixture_options(fixture);
    assert_int_equal(network_parse(cidr, network, ERR_IGNORED), 0);
    options.networks = network;
    options.network_count = 1;
    fixture_start_with(fixture, &options);
}

static void test_other_networks_are_closed_out(void **state)
{
    struct fixture *fixture = *state;
    struct network network;
    start_for(fixture, "10.0.0.0/8", &network);
    client_expect_end(client_dial(fixture));
    assert_string_equal(fixture->failure, "refused a connection from 127.0.0.1");
}

static void test_the_network_is_let_in(void **state)
{
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    struct fixture *fixture = *state;
    struct network network;
    start_for(fixture, "127.0.0.0/8", &network);
    client_expect_in(client_get(fixture, "/hello", "", &got), "200 OK");
}

/* Admits a request with an Authorization field. */
static bool admit(void *arg, struct server_request *request, struct server_reply *reply)
{
    const struct fixture *fixture = arg;
    bool known = request->local && strncmp(request->peer, "127.0.0.1:", 10) == 0 && request->path &&
                 strcmp(request->path, "/hello") == 0;
    request->user = "ann";
    if (request->authorization && known)
        return true;
    server_reply_status(reply, known && !fixture->resolved ? 401 : 500);
    server_reply_field(reply, "WWW-Authenticate", "Basic realm=\"x\"");
    return false;
}

static void test_admission_comes_before_the_handler(void **state)
{
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    struct fixture *fixture = *state;
    struct server_options options = fixture_options(fixture);
    options.admit = admit;
    options.admit_arg = fixture;
    fixture_start_with(fixture, &options);
    assert_true(server_is_local(fixture->server));
    const char *head = client_get(fixture, "/hello", "", &got);
    client_expect_in(head, "401 Unauthorized");
    client_expect_in(head, "\r\nWWW-Authenticate: Basic realm=\"x\"\r\n");
    client_expect_in(client_get(fixture, "/hello", "Authorization: x\r\n", &got), "200 OK");
    fixture_wait_for_log(fixture, 2);
    assert_string_equal(fixture->user, "ann");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_networks_have_addresses),
        cmocka_unit_test(test_mapped_addresses_are_ipv4),
        cmocka_unit_test(test_loopback),
        cmocka_unit_test(test_texts_that_are_no_networks),
        SERVER_TEST(test_other_networks_are_closed_out),
        SERVER_TEST(test_the_network_is_let_in),
        SERVER_TEST(test_admission_comes_before_the_handler),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
