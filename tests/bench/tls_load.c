/*
 * Load for a server of TLS on 127.0.0.1: threads that ask for one path again and again.
 *
 *     tls_load PORT PATH THREADS SECONDS keep|new|resume
 *
 * keep: one connection per thread; new: one per request; resume: likewise, with a session of
 * before. Prints how many responses came per second, and bytes of bodies per second. Linked with
 * libssl.
 */
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int port;
static const char *path, *mode;
static double end;
static SSL_CTX *context;
static atomic_llong responses, bytes, reused;

static double now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void die(const char *what)
{
    fprintf(stderr, "tls_load: %s\n", what);
    exit(1);
}

static SSL *dial(SSL_SESSION *session)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        die("connect");
    SSL *ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    if (session)
        SSL_set_session(ssl, session);
    if (SSL_connect(ssl) != 1)
        die("handshake");
    return ssl;
}

static void hang_up(SSL *ssl)
{
    int fd = SSL_get_fd(ssl);
    SSL_shutdown(ssl);
    SSL_free(ssl);
    close(fd);
}

static void ask(SSL *ssl, const char *text, int len)
{
    static _Thread_local char data[64 * 1024];
    if (SSL_write(ssl, text, len) != len)
        die("write");
    long long have = 0, want = -1;
    char *body = NULL;
    while (!body) {
        int got = SSL_read(ssl, data + have, (int)(sizeof(data) - 1 - (size_t)have));
        if (got <= 0)
            die("read");
        have += got;
        data[have] = 0;
        body = strstr(data, "\r\n\r\n");
    }
    char *length = strcasestr(data, "\r\ncontent-length:");
    if (strncmp(data, "HTTP/1.1 200", 12) != 0 || !length)
        die("not 200 with a length");
    want = strtoll(length + 17, NULL, 10);
    long long left = want - (have - (body + 4 - data));
    while (left > 0) {
        int got = SSL_read(ssl, data, sizeof(data));
        if (got <= 0)
            die("read");
        left -= got;
    }
    responses++;
    bytes += want;
}

static void *work(void *unused)
{
    char text[500];
    bool keep = strcmp(mode, "keep") == 0, resume = strcmp(mode, "resume") == 0;
    int len = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", path,
                       keep ? "" : "Connection: close\r\n");
    SSL *ssl = keep ? dial(NULL) : NULL;
    SSL_SESSION *session = NULL;
    while (now() < end) {
        if (!keep)
            ssl = dial(session);
        reused += SSL_session_reused(ssl);
        ask(ssl, text, len);
        if (resume) {
            SSL_SESSION_free(session);
            session = SSL_get1_session(ssl);
        }
        if (!keep)
            hang_up(ssl);
    }
    return unused;
}

int main(int count, char **words)
{
    pthread_t threads[1024];
    if (count < 6)
        die("PORT PATH THREADS SECONDS MODE");
    port = (int)strtol(words[1], NULL, 10);
    path = words[2];
    int many = (int)strtol(words[3], NULL, 10);
    mode = words[5];
    context = SSL_CTX_new(TLS_client_method());
    if (count > 6)
        SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    double began = now();
    end = began + strtod(words[4], NULL);
    for (int i = 0; i < many; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < many; i++)
        pthread_join(threads[i], NULL);
    double took = now() - began;
    printf("%.0f %.0f %lld %lld\n", (double)responses / took, (double)bytes / took,
           (long long)responses, (long long)reused);
    return 0;
}
