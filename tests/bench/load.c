/*
 * Loads a server: CONNECTIONS connections ask for PATH one request after the other, for SECONDS.
 *
 *   load PORT PATH CONNECTIONS SECONDS [close] [tls]
 *       prints "requests seconds"; "close": a new connection for each request
 *   load PORT - CONNECTIONS SECONDS
 *       holds the connections without a request, prints "held" when all are there
 *
 * Each response must have status 200 and as many bytes as the first one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 256 * 1024, EVENTS = 128, HEAD_MIN = 12 };

struct client {
    int fd;
    SSL *tls;
    long long got; /* bytes of the response that comes in */
    bool asked;
};

static struct sockaddr_in address;
static char *request;
static size_t request_len;
static bool closing;
static SSL_CTX *context;
static long long whole; /* bytes of a response; 0: not known yet */
static long long requests;
static int epoll;
static char buffer[BUFFER];

static void fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void dial(struct client *client)
{
    int one = 1;
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->fd < 0 || connect(client->fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        fail("connect");
    if (!closing)
        setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    client->got = 0;
    client->asked = false;
    if (context) {
        client->tls = SSL_new(context);
        if (!client->tls || SSL_set_fd(client->tls, client->fd) != 1 ||
            SSL_connect(client->tls) != 1)
            fail("handshake");
    }
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, client->fd, &event) != 0)
        fail("epoll_ctl");
}

static void ask(struct client *client)
{
    ssize_t sent = client->tls ? SSL_write(client->tls, request, (int)request_len)
                               : send(client->fd, request, request_len, MSG_NOSIGNAL);
    if (sent != (ssize_t)request_len)
        fail("send");
    client->asked = true;
}

static ssize_t hear(struct client *client)
{
    if (!client->tls)
        return recv(client->fd, buffer, BUFFER, MSG_DONTWAIT | (client->got ? MSG_TRUNC : 0));
    int count = SSL_read(client->tls, buffer, BUFFER);
    int why = count > 0 ? SSL_ERROR_NONE : SSL_get_error(client->tls, count);
    if (why == SSL_ERROR_WANT_READ) {
        errno = EAGAIN;
        return -1;
    }
    return why == SSL_ERROR_ZERO_RETURN || why == SSL_ERROR_SYSCALL ? 0 : count;
}

/* The header is read whole in the first piece, which is so on the loopback. */
static void learn_size(ssize_t count)
{
    buffer[count < BUFFER ? count : BUFFER - 1] = '\0';
    const char *end = strstr(buffer, "\r\n\r\n");
    const char *length = strcasestr(buffer, "\r\nContent-Length:");
    if (!end || !length)
        fail("no header");
    whole = end + 4 - buffer + strtoll(length + strlen("\r\nContent-Length:"), NULL, 10);
}

static void check_start(ssize_t count)
{
    if (count < HEAD_MIN || memcmp(buffer, "HTTP/1.1 200", HEAD_MIN) != 0) {
        fprintf(stderr, "load: %.*s\n", (int)(count < 200 ? count : 200), buffer);
        exit(1);
    }
    if (!whole)
        learn_size(count);
}

static void hang_up(struct client *client)
{
    if (client->tls)
        SSL_free(client->tls);
    client->tls = NULL;
    close(client->fd);
}

static void complete(struct client *client)
{
    requests++;
    client->got = 0;
    client->asked = false;
    if (closing) {
        hang_up(client);
        dial(client);
    }
    ask(client);
}

/* Reads what has come. Returns whether more may be there. */
static bool take(struct client *client)
{
    ssize_t count = hear(client);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (count <= 0)
        fail(count ? "recv" : "the server ended the connection");
    if (!client->got)
        check_start(count);
    client->got += count;
    if (client->got > whole)
        fail("the response is too long");
    if (client->got == whole) {
        complete(client);
        return false;
    }
    return client->tls || count == BUFFER;
}

static void run(struct client *clients, int count, double seconds)
{
    for (int i = 0; i < count; i++)
        ask(&clients[i]);
    double began = seconds_now(), now = began;
    while ((now = seconds_now()) < began + seconds) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(epoll, events, EVENTS, 100);
        for (int i = 0; i < ready; i++) {
            while (take(events[i].data.ptr))
                ;
        }
    }
    printf("%lld %.6f\n", requests, now - began);
}

static void hold(double seconds)
{
    printf("held\n");
    fflush(stdout);
    struct timespec pause = {(time_t)seconds, 0};
    nanosleep(&pause, NULL);
}

static void make_request(const char *path, bool close_each)
{
    const char *field = close_each ? "Connection: close\r\n" : "";
    if (asprintf(&request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: load\r\n%s\r\n", path,
                 field) < 0)
        fail("asprintf");
    request_len = strlen(request);
    closing = close_each;
}

static void begin_tls(void)
{
    context = SSL_CTX_new(TLS_client_method());
    if (!context)
        fail("TLS");
    SSL_CTX_set_mode(context, SSL_MODE_AUTO_RETRY);
}

static void set_non_blocking(struct client *client)
{
    struct timeval none = {.tv_usec = 1};
    setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof(none));
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: load PORT PATH|- CONNECTIONS SECONDS [close] [tls]\n");
        return 2;
    }
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    bool close_each = false;
    for (int i = 5; i < argc; i++) {
        close_each |= strcmp(argv[i], "close") == 0;
        if (strcmp(argv[i], "tls") == 0)
            begin_tls();
    }
    address = (struct sockaddr_in){.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)strtol(argv[1], NULL, 10)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int count = (int)strtol(argv[3], NULL, 10);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    make_request(argv[2], close_each);
    struct client *clients = calloc((size_t)count, sizeof(*clients));
    if (!clients)
        fail("calloc");
    for (int i = 0; i < count; i++) {
        dial(&clients[i]);
        if (context)
            set_non_blocking(&clients[i]);
    }
    if (strcmp(argv[2], "-") == 0)
        hold(strtod(argv[4], NULL));
    else
        run(clients, count, strtod(argv[4], NULL));
    free(clients);
    return 0;
}
