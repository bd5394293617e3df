/* What a registry's tokens and addresses are found to say. */
#include "unit.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "registry/probe.h"
#include "registry/probe_net.h"

static void assert_access(const char *token, const char *expected)
{
    AUTO_FREE char *found = probe_token_access(token);
    if (!expected)
        assert_null(found);
    else
        assert_string_equal(found, expected);
}

/* The middle parts are base64url of the JSON beside them, without padding. */
static void token_access(void **state)
{
    (void)state;
    /* {"access":[{"type":"repository","name":"a/b","actions":["pull","push"]}]} */
    assert_access("x.eyJhY2Nlc3MiOlt7InR5cGUiOiJyZXBvc2l0b3J5IiwibmFtZSI6ImEvYiIsImFjdGlvbnMiOls"
                  "icHVsbCIsInB1c2giXX1dfQ.y",
                  "repository:a/b:pull,push");
    /* {"access":[{"type":"repository","name":"a/b","actions":[]}]} */
    assert_access("x.eyJhY2Nlc3MiOlt7InR5cGUiOiJyZXBvc2l0b3J5IiwibmFtZSI6ImEvYiIsImFjdGlvbnMiOlt"
                  "dfV19.y",
                  "nothing");
    /* {"access":[]} */
    assert_access("x.eyJhY2Nlc3MiOltdfQ.y", "nothing");
    /* {"access":[{"type":"r","name":"~~???","actions":["pull"]}]}: has - and _ in base64url */
    assert_access(
        "x.eyJhY2Nlc3MiOlt7InR5cGUiOiJyIiwibmFtZSI6In5-Pz8_IiwiYWN0aW9ucyI6WyJwdWxsIl19XX0.y",
        "r:~~???:pull");
}

static void token_of_no_such_kind(void **state)
{
    (void)state;
    assert_access("opaque", NULL);
    assert_access("a.b", NULL);
    assert_access("a.!!!.c", NULL);
    assert_access("a..c", NULL);
    assert_access("a.bm90IGpzb24.c", NULL); /* not json */
    assert_access("a.e30.c", NULL);         /* {} */
    assert_access("a.W10.c", NULL);         /* [] */
}

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

/* One address that listens and one that does not, looked at together. */
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
    assert_int_equal(probe_resolve(address, "1", &found, NULL), 0);
    assert_int_equal(probe_resolve("127.0.0.1:1", "1", &closed, NULL), 0);
    found.items[found.count++] = closed.items[0];
    probe_connect(&found, 2000, NULL);
    assert_null(found.items[0].problem);
    assert_string_equal(found.items[1].problem, "Connection refused");
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token_access),
        cmocka_unit_test(token_of_no_such_kind),
        cmocka_unit_test(addresses),
        cmocka_unit_test(connections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
