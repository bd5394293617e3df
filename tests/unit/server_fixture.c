#include "tests/unit/server_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

static int file_of(int source, long long size, struct server_reply *out)
{
    out->kind = REPLY_FILE;
    out->fd = fcntl(source, F_DUPFD_CLOEXEC, 0);
    out->size = size;
    out->modified = MODIFIED;
    out->content_type = "application/wasm";
    out->cache = "no-cache";
    snprintf(out->etag, sizeof(out->etag), "tag");
    return 0;
}

static int page_of(size_t size, struct server_reply *out)
{
    out->kind = REPLY_PAGE;
    out->content_type = "text/html; charset=utf-8";
    buf_init(&out->page, BIG);
    for (size_t i = 0; i < size; i++)
        buf_add_char(&out->page, (char)('a' + i % 26));
    return 0;
}

static int resolve_path(struct fixture *fixture, const char *path, struct server_reply *out,
                        struct err *err)
{
    if (strcmp(path, "/hello") == 0)
        return file_of(fixture->hello, (long long)strlen(HELLO), out);
    if (strcmp(path, "/medium") == 0)
        return file_of(fixture->medium, MEDIUM, out);
    if (strcmp(path, "/big") == 0)
        return file_of(fixture->big, BIG, out);
    if (strcmp(path, "/shrunk") == 0)
        return file_of(fixture->hello, 100, out);
    if (strcmp(path, "/cut") == 0)
        return file_of(fixture->medium, 2 * MEDIUM, out);
    if (strcmp(path, "/empty") == 0)
        return file_of(fixture->hello, 0, out);
    if (strcmp(path, "/") == 0)
        return page_of(20, out);
    if (strcmp(path, "/long/") == 0)
        return page_of(MEDIUM, out);
    if (strcmp(path, "/slow") == 0) {
        clock_sleep_ms(SLOW_MS);
        return 0;
    }
    if (strcmp(path, "/busy") == 0)
        server_reply_status(out, 503);
    if (strcmp(path, "/broken") == 0)
        return err_set(err, ERR_FAILED, "the disk is on fire");
    if (strcmp(path, "/long") != 0 && strcmp(path, "/evil") != 0)
        return 0;
    server_reply_status(out, 301);
    server_reply_field(out, "Location", path[1] == 'l' ? "/long/" : "/a\r\nX: y");
    return 0;
}

int fixture_handle(void *arg, const struct server_request *request, struct server_reply *out,
                   struct err *err)
{
    struct fixture *fixture = arg;
    const char *path = request->path;
    if (server_reply_unless_read(request, out))
        return 0;
    pthread_mutex_lock(&fixture->lock);
    snprintf(fixture->path, sizeof(fixture->path), "%.60s", path);
    fixture->resolved++;
    pthread_mutex_unlock(&fixture->lock);
    return resolve_path(fixture, path, out, err);
}

static void log_request(void *arg, const struct server_log *entry)
{
    struct fixture *fixture = arg;
    pthread_mutex_lock(&fixture->lock);
    snprintf(fixture->line, sizeof(fixture->line), "%.20s %.60s %d %lld %.40s", entry->method,
             entry->target, entry->status, entry->bytes, entry->agent);
    snprintf(fixture->user, sizeof(fixture->user), "%s", entry->user ? entry->user : "");
    fixture->status = entry->status;
    fixture->bytes = entry->bytes;
    fixture->log_count++;
    pthread_cond_broadcast(&fixture->logged);
    pthread_mutex_unlock(&fixture->lock);
}

static void log_failure(void *arg, const char *what)
{
    struct fixture *fixture = arg;
    pthread_mutex_lock(&fixture->lock);
    snprintf(fixture->failure, sizeof(fixture->failure), "%.250s", what);
    pthread_mutex_unlock(&fixture->lock);
}

void fixture_wait_for_log(struct fixture *fixture, int count)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_MS / 1000;
    int rc = 0;
    pthread_mutex_lock(&fixture->lock);
    while (fixture->log_count < count && rc == 0)
        rc = pthread_cond_timedwait(&fixture->logged, &fixture->lock, &until);
    pthread_mutex_unlock(&fixture->lock);
    assert_int_equal(rc, 0);
}

char fixture_pattern(long long at)
{
    return (char)('A' + (at * 7 + at / 1000) % 26);
}

static int make_file(long long size)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    char *data = mem_alloc((size_t)size);
    for (long long i = 0; i < size; i++)
        data[i] = fixture_pattern(i);
    for (long long done = 0; done < size;) {
        ssize_t count = write(fd, data + done, (size_t)(size - done));
        assert_true(count > 0);
        done += count;
    }
    free(data);
    return fd;
}

int fixture_set_up(void **state)
{
    struct fixture *fixture = mem_zero(1, sizeof(*fixture));
    pthread_mutex_init(&fixture->lock, NULL);
    pthread_cond_init(&fixture->logged, NULL);
    fixture->stop = eventfd(0, EFD_CLOEXEC);
    fixture->hello = memfd_create("hello", MFD_CLOEXEC);
    assert_int_equal(write(fixture->hello, HELLO, strlen(HELLO)), strlen(HELLO));
    fixture->medium = make_file(MEDIUM);
    fixture->big = make_file(BIG);
    *state = fixture;
    return 0;
}

struct server_options fixture_options(struct fixture *fixture)
{
    struct server_options options;
    server_options_init(&options);
    options.bind = "127.0.0.1";
    options.port = 0;
    options.handle = fixture_handle;
    options.log = log_request;
    options.failed = log_failure;
    options.arg = fixture;
    return options;
}

static void *run(void *arg)
{
    struct fixture *fixture = arg;
    AUTO(err_release) struct err err = ERR_INIT;
    return server_run(fixture->server, fixture->stop, &err) ? mem_dup(err_text(&err)) : NULL;
}

void fixture_open_with(struct fixture *fixture, const struct server_options *options)
{
    AUTO(err_release) struct err err = ERR_INIT;
    if (server_open(options, &fixture->server, &err))
        fail_msg("%s", err_text(&err));
}

void fixture_start_with(struct fixture *fixture, const struct server_options *options)
{
    fixture_open_with(fixture, options);
    fixture_run(fixture);
}

void fixture_run(struct fixture *fixture)
{
    assert_int_equal(pthread_create(&fixture->thread, NULL, run, fixture), 0);
    fixture->running = true;
}

struct fixture *fixture_start(void **state)
{
    struct fixture *fixture = *state;
    struct server_options options = fixture_options(fixture);
    fixture_start_with(fixture, &options);
    return fixture;
}

void fixture_stop(struct fixture *fixture)
{
    assert_int_equal(eventfd_write(fixture->stop, 1), 0);
}

void fixture_wait_for_end(struct fixture *fixture)
{
    void *failure = NULL;
    fixture->running = false;
    pthread_join(fixture->thread, &failure);
    assert_null(failure);
}

int fixture_tear_down(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->running) {
        fixture_stop(fixture);
        fixture_wait_for_end(fixture);
    }
    server_close(fixture->server);
    close(fixture->stop);
    close(fixture->hello);
    close(fixture->medium);
    close(fixture->big);
    pthread_cond_destroy(&fixture->logged);
    pthread_mutex_destroy(&fixture->lock);
    free(fixture);
    return 0;
}

int client_dial_with(const struct fixture *fixture, int receive_buffer)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)server_port(fixture->server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (receive_buffer)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

int client_dial(const struct fixture *fixture)
{
    return client_dial_with(fixture, 0);
}

void client_say_bytes(int fd, const char *data, size_t len)
{
    assert_int_equal(send(fd, data, len, MSG_NOSIGNAL), len);
}

void client_say(int fd, const char *text)
{
    client_say_bytes(fd, text, strlen(text));
}

void client_say_slowly(int fd, const char *text)
{
    for (size_t i = 0; text[i]; i++) {
        client_say_bytes(fd, text + i, 1);
        if (i % 8 == 0)
            clock_sleep_ms(1);
    }
}

static bool hear_byte(int fd, struct buf *out)
{
    char c;
    ssize_t count = recv(fd, &c, 1, 0);
    if (count == 1)
        buf_add_char(out, c);
    if (count < 0 && errno == EAGAIN)
        fail_msg("the server keeps silent after:\n%s", buf_text(out));
    return count == 1;
}

void client_hear_head(int fd, struct buf *out)
{
    buf_clear(out);
    while (out->len < 4 || memcmp(out->data + out->len - 4, "\r\n\r\n", 4) != 0) {
        if (!hear_byte(fd, out))
            fail_msg("the connection ended after:\n%s", buf_text(out));
    }
}

void client_hear_bytes(int fd, size_t len, struct buf *out)
{
    char chunk[16384];
    buf_clear(out);
    while (out->len < len) {
        size_t want = len - out->len;
        ssize_t count = recv(fd, chunk, want < sizeof(chunk) ? want : sizeof(chunk), 0);
        if (count <= 0)
            fail_msg("%zu bytes and not %zu", out->len, len);
        buf_add(out, chunk, (size_t)count);
    }
}

void client_expect_end(int fd)
{
    char c;
    ssize_t count = recv(fd, &c, 1, 0);
    if (count > 0 || (count < 0 && errno == EAGAIN))
        fail_msg("the connection goes on");
    close(fd);
}

void client_expect_in(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no %s in:\n%s", part, text);
}

void client_expect_not_in(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("there is %s in:\n%s", part, text);
}

size_t client_body_length(const char *head)
{
    const char *field = strstr(head, "Content-Length: ");
    return field ? (size_t)strtoll(field + strlen("Content-Length: "), NULL, 10) : 0;
}

const char *client_exchange(int fd, const char *request, struct exchange *out)
{
    client_say(fd, request);
    client_hear_head(fd, &out->head);
    const char *head = buf_text(&out->head);
    buf_clear(&out->body);
    if (strncmp(request, "HEAD", 4) != 0)
        client_hear_bytes(fd, client_body_length(head), &out->body);
    return head;
}

void client_expect_refused(const struct fixture *fixture, const char *request, const char *status)
{
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int fd = client_dial(fixture);
    const char *head = client_exchange(fd, request, &got);
    client_expect_in(head, status);
    client_expect_in(head, "\r\nConnection: close\r\n");
    client_expect_end(fd);
}

void exchange_release(struct exchange *exchange)
{
    buf_release(&exchange->head);
    buf_release(&exchange->body);
}

const char *client_get(struct fixture *fixture, const char *target, const char *fields,
                       struct exchange *out)
{
    AUTO_CLOSE int fd = client_dial(fixture);
    AUTO_FREE char *request = mem_printf("GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", target, fields);
    return client_exchange(fd, request, out);
}

void client_expect_pattern(const struct buf *body, long long first, size_t len)
{
    assert_int_equal(body->len, len);
    for (size_t i = 0; i < len; i++) {
        if (body->data[i] != fixture_pattern(first + (long long)i))
            fail_msg("byte %zu is wrong", i);
    }
}
