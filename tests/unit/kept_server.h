/* A server whose replies are all kept, for the tests of kept replies and of files that change. */
#ifndef WASME_TESTS_UNIT_KEPT_SERVER_H
#define WASME_TESTS_UNIT_KEPT_SERVER_H

#include "tests/unit/server_fixture.h"

#define FIELDS(path, fields) "GET " path " HTTP/1.1\r\nHost: x\r\n" fields "\r\n"
#define GET(path) FIELDS(path, "")

enum { SETTLE_MS = 100 }; /* files that are younger are not kept */

/* The file of the path /named: a name for mkstemp(). */
extern char kept_file_name[];

/* The handler: that of the fixture, with all replies to be kept, and /named. */
int kept_handle(void *arg, const struct server_request *request, struct server_reply *reply,
                struct err *err);
/* Starts the server with these options; an event of fixture->watch says that all has changed. */
struct fixture *kept_start_with(void **state, const struct server_options *options);
/* The same with kept_handle(). */
struct fixture *kept_start(void **state);
int kept_tear_down(void **state);
/* How often the handler was asked. */
int kept_asked(struct fixture *fixture);

#define KEPT_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, kept_tear_down)

#endif
