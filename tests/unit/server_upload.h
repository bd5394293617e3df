/* A handler that takes the bodies of PUT and sends them back, for the tests of bodies. */
#ifndef WASME_TESTS_UNIT_SERVER_UPLOAD_H
#define WASME_TESTS_UNIT_SERVER_UPLOAD_H

#include "tests/unit/server_fixture.h"

enum { UPLOAD_LIMIT = 1000 };

#define PUT_CHUNKED "PUT /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
#define ASK_NEXT "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"

/*
 * fixture_options() with the handler. PUT takes up to UPLOAD_LIMIT bytes, and /big up to BIG; the
 * reply is the body with the path as Location, the query as X-Query and the type as X-Type.
 * /created is 201 and /nothing 204, without a body; /secret is 401 before the body; the sink of
 * /full fails after two bytes, that of /late at the end. All other methods are the fixture's.
 */
struct server_options upload_options(struct fixture *fixture);
struct fixture *upload_start(void **state);
/* Exactly so many sinks have ended since upload_options(). */
void upload_expect_ended(struct fixture *fixture, int wanted_complete, int wanted_broken);
/* The connection stays open, and the answer to ASK_NEXT arrives. */
void upload_expect_next(int fd);

#endif
