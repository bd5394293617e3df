/* Hosts, the kinds of addresses, and who may send us to which. */
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "registry/host.h"
#include "registry/token.h"

static void tells_kinds_of_hosts(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        enum host_kind kind;
    } cases[] = {
        {"docker.io", HOST_PUBLIC},
        {"8.8.8.8:443", HOST_PUBLIC},
        {"localhost", HOST_LOOPBACK},
        {"LOCALHOST:5000", HOST_LOOPBACK},
        {"a.localhost.:80", HOST_LOOPBACK},
        {"127.1.2.3:5000", HOST_LOOPBACK},
        {"[::1]:5000", HOST_LOOPBACK},
        {"[::ffff:127.0.0.1]", HOST_LOOPBACK},
        {"notlocalhost", HOST_PUBLIC},
        {"localhost.example", HOST_PUBLIC},
        {"10.0.0.1", HOST_PRIVATE},
        {"172.31.0.1", HOST_PRIVATE},
        {"172.32.0.1", HOST_PUBLIC},
        {"192.168.1.1:80", HOST_PRIVATE},
        {"[fd12::1]", HOST_PRIVATE},
        {"169.254.169.254", HOST_SPECIAL},
        {"0.0.0.0", HOST_SPECIAL},
        {"[fe80::1%25eth0]:1", HOST_SPECIAL},
        {"[::]", HOST_SPECIAL},
        {"metadata.google.internal:80", HOST_SPECIAL},
        {"[fd00:ec2::254]", HOST_SPECIAL},
        {"[::a9fe:a9fe]", HOST_SPECIAL},
        {"[::ffff:0:a00:1]", HOST_PRIVATE},
        {"[fec0::1]", HOST_PRIVATE},
        {"198.19.0.1", HOST_PRIVATE},
        {"100.100.100.200", HOST_SPECIAL},
        {"168.63.129.16", HOST_SPECIAL},
        {"[64:ff9b::a9fe:a9fe]:80", HOST_SPECIAL},
        {"[2002:7f00:1::]", HOST_LOOPBACK},
        {"[64:ff9b::808:808]", HOST_PUBLIC},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (host_kind(cases[i].address) != cases[i].kind)
            fail_msg("%s is of kind %d", cases[i].address, (int)host_kind(cases[i].address));
}

static void chooses_the_scheme(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool plain, hinted;
        const char *base;
        bool settled;
    } cases[] = {
        {"docker.io", false, false, "https://registry-1.docker.io", true},
        {"h.x:8443", true, false, "http://h.x:8443", true},
        {"localhost:5000", false, false, "http://localhost:5000", false},
        {"127.0.0.1:5000", false, true, "https://127.0.0.1:5000", false},
        {"[::1]:5000", true, true, "http://[::1]:5000", true},
        {"192.168.0.1", false, false, "https://192.168.0.1", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct host host;
        host_init(&host, cases[i].name, cases[i].plain, cases[i].hinted);
        AUTO_FREE char *base = host_base(&host);
        assert_string_equal(base, cases[i].base);
        assert_int_equal(host.settled, cases[i].settled);
        bool first = host.http;
        assert_int_equal(host_flip(&host), !cases[i].settled);
        if (!cases[i].settled) {
            assert_int_equal(host.http, !first);
            assert_true(host_flip(&host));
            assert_int_equal(host.http, first);
            assert_false(host_flip(&host));
        }
        host_release(&host);
    }
}

#define PUB HOST_PUBLIC
#define PRI HOST_PRIVATE
#define LOOP HOST_LOOPBACK
#define SPEC HOST_SPECIAL

static void lets_nobody_send_inward(void **state)
{
    (void)state;
    static const struct {
        struct sender from;
        enum host_kind to;
        bool name, reach;
    } cases[] = {
        {{PUB, PUB}, PUB, true, true},
        {{PUB, PUB}, PRI, false, false},
        {{PUB, PUB}, LOOP, false, false},
        {{PUB, PUB}, SPEC, false, false},
        {{PRI, PRI}, PUB, true, true},
        {{PRI, PRI}, PRI, true, true},
        {{PRI, PRI}, LOOP, false, false},
        {{PRI, PRI}, SPEC, false, false},
        {{LOOP, LOOP}, PRI, true, true},
        {{LOOP, LOOP}, LOOP, true, true},
        {{LOOP, LOOP}, SPEC, false, false},
        {{SPEC, SPEC}, PUB, true, true},
        {{SPEC, SPEC}, PRI, false, false},
        {{SPEC, SPEC}, SPEC, false, false},
        /* a name: it is the address it leads to that counts */
        {{PUB, PRI}, PRI, true, true},
        {{PUB, PRI}, LOOP, false, false},
        {{PUB, SPEC}, PRI, false, false},
        /* a name that leads to this machine: other such names, but no "localhost" */
        {{PUB, LOOP}, LOOP, false, true},
        {{PUB, LOOP}, PRI, true, true},
        /* an address of this machine that was not reached here */
        {{LOOP, PUB}, LOOP, false, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (sender_may_name(cases[i].from, cases[i].to) != cases[i].name ||
            sender_may_reach(cases[i].from, cases[i].to, false) != cases[i].reach)
            fail_msg("case %zu", i);
    const struct sender special = {SPEC, SPEC}, here = {LOOP, LOOP}, out = {PUB, PUB};
    assert_true(sender_may_reach(special, SPEC, true)); /* its own address */
    assert_false(sender_may_reach(out, LOOP, true));    /* that now leads elsewhere */
    assert_int_equal(sender_join(here, out).reached, PUB);
    assert_int_equal(sender_join(out, here).written, PUB);
    assert_int_equal(sender_join(special, here).reached, SPEC);
}

static void tells_kinds_of_connections(void **state)
{
    (void)state;
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000009)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    assert_int_equal(host_kind_of((const struct sockaddr *)&v4), HOST_LOOPBACK);
    v4.sin_addr.s_addr = htonl(0xa9fea9fe);
    assert_int_equal(host_kind_of((const struct sockaddr *)&v4), HOST_SPECIAL);
    assert_int_equal(inet_pton(AF_INET6, "::ffff:10.0.0.1", &v6.sin6_addr), 1);
    assert_int_equal(host_kind_of((const struct sockaddr *)&v6), HOST_PRIVATE);
    assert_int_equal(inet_pton(AF_INET6, "2001:db8::1", &v6.sin6_addr), 1);
    assert_int_equal(host_kind_of((const struct sockaddr *)&v6), HOST_PUBLIC);
}

static void guards_token_realms(void **state)
{
    (void)state;
    static const struct {
        const char *registry;
        bool plain;
        const char *realm;
        bool fine;
    } cases[] = {
        {"docker.io", false, "https://auth.docker.io/token", true},
        {"h.x", false, "http://h.x/token", false},
        {"h.x", true, "http://h.x/token", true},
        {"h.x", false, "https://127.0.0.1/token", false},
        {"h.x", false, "https://2130706433/token", false},
        {"h.x", false, "https://0x7f.1/token", false},
        {"h.x", false, "https://10.0.0.1/token", false},
        {"h.x", false, "https://localhost/token", false},
        {"h.x", true, "http://169.254.169.254/token", false},
        {"10.0.0.5", false, "https://10.0.0.6/token", true},
        {"10.0.0.5", false, "https://127.0.0.1/token", false},
        {"127.0.0.1:5000", false, "http://127.0.0.1:5001/token", true},
        {"127.0.0.1:5000", false, "http://127.0.0.2:5001/token", true},
        {"127.0.0.1:5000", false, "http://169.254.169.254/token", false},
        {"h.x", false, "ftp://h.x/token", false},
        {"h.x", false, "file:///etc/passwd", false},
        {"h.x", false, "/token", false},
        {"h.x", false, "", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct host host;
        host_init(&host, cases[i].registry, cases[i].plain, false);
        int rc = token_check_realm(&host, cases[i].realm, ERR_IGNORED);
        if ((rc == 0) != cases[i].fine)
            fail_msg("%s, realm %s: %d", cases[i].registry, cases[i].realm, rc);
        host_release(&host);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_kinds_of_hosts),    cmocka_unit_test(chooses_the_scheme),
        cmocka_unit_test(lets_nobody_send_inward), cmocka_unit_test(tells_kinds_of_connections),
        cmocka_unit_test(guards_token_realms),
    };
    return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
