/*
 * The tests of the server share these functions: a server in a thread with files and pages, and
 * clients that talk to the server through raw sockets. A function that fails makes the test fail.
 */
#ifndef WASME_TESTS_UNIT_SERVER_FIXTURE_H
#define WASME_TESTS_UNIT_SERVER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>

#include "base/buf.h"
#include "server/server.h"

enum {
    BIG = 8 * 1024 * 1024, /* more than socket buffers hold */
    MEDIUM = 100 * 1000,
    PATIENCE_MS = 20 * 1000, /* for what must happen; tests never wait for it to pass */
    MODIFIED = 784111777,
    SLOW_MS = 10, /* how long it takes to find out that /slow does not exist */
};

#define MODIFIED_TEXT "Sun, 06 Nov 1994 08:49:37 GMT"
#define HELLO "hello, world\n"

struct fixture {
    struct server *server;
    pthread_t thread;
    int stop;
    int event; /* of `watch` */
    struct server_watch watch;
    bool running;
    int hello, medium, big;
    pthread_mutex_t lock;
    pthread_cond_t logged;
    int log_count; /* under the lock, as all below */
    int status;
    long long bytes;
    char line[256];
    char failure[256];
    char user[64];
    char path[64]; /* of the last request that was resolved */
    int resolved;
};

/* Set-up and tear-down for cmocka; *state is a struct fixture. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);
#define SERVER_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

/* Options for a free port of the loopback, with the logs in the fixture. */
struct server_options fixture_options(struct fixture *fixture);
/* The handler of these options: a file server, whose `arg` is the fixture. */
int fixture_handle(void *arg, const struct server_request *request, struct server_reply *out,
                   struct err *err);
void fixture_start_with(struct fixture *fixture, const struct server_options *options);
/* The same in two steps. */
void fixture_open_with(struct fixture *fixture, const struct server_options *options);
void fixture_run(struct fixture *fixture);
/* Starts the server with one option that differs from those of fixture_options(). */
#define FIXTURE_START_WITH(fixture, option, value)                                                 \
    do {                                                                                           \
        struct server_options changed_options = fixture_options(fixture);                          \
        changed_options.option = (value);                                                          \
        fixture_start_with(fixture, &changed_options);                                             \
    } while (0)
/* Starts the server with fixture_options(). */
struct fixture *fixture_start(void **state);
/* Waits until `count` requests were logged. */
void fixture_wait_for_log(struct fixture *fixture, int count);
void fixture_stop(struct fixture *fixture);
void fixture_wait_for_end(struct fixture *fixture);

/* Connected sockets; with `receive_buffer` 0 the system chooses the size. */
int client_dial(const struct fixture *fixture);
int client_dial_with(const struct fixture *fixture, int receive_buffer);
void client_say(int fd, const char *text);
void client_say_bytes(int fd, const char *data, size_t len);
/* Sends the text byte by byte, with pauses. */
void client_say_slowly(int fd, const char *text);
/* Reads up to the empty line. */
void client_hear_head(int fd, struct buf *out);
void client_hear_bytes(int fd, size_t len, struct buf *out);
/* The server ends the connection and sends nothing more; closes the socket. */
void client_expect_end(int fd);
/* The value of Content-Length. */
size_t client_body_length(const char *head);

struct exchange {
    struct buf head, body;
};

#define EXCHANGE_INIT                                                                              \
    {                                                                                              \
        BUF_INIT(65536), BUF_INIT(2 * BIG)                                                         \
    }
void exchange_release(struct exchange *exchange);
/* Sends a request, hears the response's head, and its body unless there is none; returns the
 * head. */
const char *client_exchange(int fd, const char *request, struct exchange *out);
/* The server answers the request with this status, and ends the connection. */
void client_expect_refused(const struct fixture *fixture, const char *request, const char *status);
/* A GET of `target` with these fields on a new connection; returns the head. */
const char *client_get(struct fixture *fixture, const char *target, const char *fields,
                       struct exchange *out);
void client_expect_in(const char *text, const char *part);
void client_expect_not_in(const char *text, const char *part);
/* The byte of a file of the fixture, except /hello, at this offset. */
char fixture_pattern(long long at);
/* The body has the bytes of such a file from `first` on. */
void client_expect_pattern(const struct buf *body, long long first, size_t len);

#endif
