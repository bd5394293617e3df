#include "server/tls.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

enum {
    READS = 2, /* calls of recv(2) before others get their turn: each may bring 16 kB */
    RECORD = 16 * 1024,
    CHUNK = 2 * RECORD, /* of a file */
};

struct tls {
    SSL *ssl;
    int fd;
    int reads;    /* calls of recv(2) left */
    bool drained; /* the socket is known to be empty */
    bool more;    /* the record being sent is followed by others */
    bool stuck;   /* reading waits for room to write */
    bool pending; /* a record could not be sent whole */
    bool broken;  /* an error: OpenSSL must not be called for the connection again */
    bool finished;
    BIO *bio; /* belongs to `ssl` */
    const char *reason;
};

/* One thread serves all connections: the bytes are here only within a call. */
static char chunk[CHUNK];

static struct tls *of_bio(BIO *bio)
{
    return lib_BIO_get_ex_data(bio, 0);
}

static void forget_outcome(BIO *bio)
{
    lib_BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
}

static int failed(BIO *bio, int direction)
{
    if (errno == EAGAIN)
        lib_BIO_set_flags(bio, direction | BIO_FLAGS_SHOULD_RETRY);
    return -1;
}

/* A kernel that decrypts hands over one record at a time. */
static int read_decrypted(struct tls *tls, char *data, int len)
{
    int count = lib_BIO_meth_get_read(lib_BIO_s_socket())(tls->bio, data, len);
    tls->drained = count <= 0;
    return count;
}

/* A call of recv(2) that does not fill the buffer has emptied the socket; to know this saves the
 * call that would say so. */
static int read_socket(BIO *bio, char *data, int len)
{
    struct tls *tls = of_bio(bio);
    forget_outcome(bio);
    if (tls->drained || tls->reads == 0) {
        errno = EAGAIN;
        return failed(bio, BIO_FLAGS_READ);
    }
    tls->reads--;
    if (lib_BIO_ctrl(bio, BIO_CTRL_GET_KTLS_RECV, 0, NULL) > 0)
        return read_decrypted(tls, data, len);
    ssize_t count;
    do
        count = recv(tls->fd, data, (size_t)len, 0);
    while (count < 0 && errno == EINTR);
    tls->drained = count < 0 || (count > 0 && count < len);
    if (count == 0)
        lib_BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return count < 0 ? failed(bio, BIO_FLAGS_READ) : (int)count;
}

static bool is_encrypted_by_kernel(BIO *bio)
{
    return lib_BIO_ctrl(bio, BIO_CTRL_GET_KTLS_SEND, 0, NULL) > 0;
}

/* The records of a long body leave as if they were one. A kernel that encrypts has to know the type
 * of each record, which OpenSSL's own function tells it. */
static int write_socket(BIO *bio, const char *data, int len)
{
    const struct tls *tls = of_bio(bio);
    if (is_encrypted_by_kernel(bio))
        return lib_BIO_meth_get_write(lib_BIO_s_socket())(bio, data, len);
    forget_outcome(bio);
    ssize_t count;
    do
        count = send(tls->fd, data, (size_t)len, MSG_NOSIGNAL | (tls->more ? MSG_MORE : 0));
    while (count < 0 && errno == EINTR);
    return count < 0 ? failed(bio, BIO_FLAGS_WRITE) : (int)count;
}

/* OpenSSL's own access to sockets, but for the two functions above; made once. */
static const BIO_METHOD *socket_method(void)
{
    static BIO_METHOD *method;
    if (method)
        return method;
    const BIO_METHOD *usual = lib_BIO_s_socket();
    method = lib_BIO_meth_new(BIO_TYPE_SOCKET, "socket");
    if (!method)
        return NULL;
    lib_BIO_meth_set_create(method, lib_BIO_meth_get_create(usual));
    lib_BIO_meth_set_destroy(method, lib_BIO_meth_get_destroy(usual));
    lib_BIO_meth_set_ctrl(method, lib_BIO_meth_get_ctrl(usual));
    lib_BIO_meth_set_read(method, read_socket);
    lib_BIO_meth_set_write(method, write_socket);
    return method;
}

struct tls *tls_new(const struct tls_context *context, int fd)
{
    const BIO_METHOD *method = socket_method();
    BIO *bio = method ? lib_BIO_new(method) : NULL;
    SSL *ssl = bio ? lib_SSL_new(context->ssl) : NULL;
    if (!ssl) {
        if (bio)
            lib_BIO_free(bio);
        lib_ERR_clear_error();
        return NULL;
    }
    struct tls *tls = mem_zero(1, sizeof(*tls));
    *tls = (struct tls){.ssl = ssl, .bio = bio, .fd = fd, .reason = ""};
    lib_BIO_int_ctrl(bio, BIO_C_SET_FD, BIO_NOCLOSE, fd);
    lib_BIO_set_ex_data(bio, 0, tls);
    lib_SSL_set_bio(ssl, bio, bio);
    lib_SSL_set_accept_state(ssl);
    return tls;
}

void tls_free(struct tls *tls)
{
    if (!tls)
        return;
    /* Without this, OpenSSL would forget the session. */
    if (!tls->broken)
        lib_SSL_set_shutdown(tls->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    lib_SSL_free(tls->ssl);
    free(tls);
}

static ssize_t fail(int number)
{
    errno = number;
    return -1;
}

/* What a call came to that returned `result`, which is not positive. */
static ssize_t outcome(struct tls *tls, int result)
{
    int number = errno;
    int kind = lib_SSL_get_error(tls->ssl, result);
    if (kind == SSL_ERROR_ZERO_RETURN)
        return 0;
    if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) {
        tls->stuck = kind == SSL_ERROR_WANT_WRITE;
        return fail(EAGAIN);
    }
    tls->broken = true;
    if (kind == SSL_ERROR_SYSCALL) {
        lib_ERR_clear_error();
        return fail(number && number != EAGAIN ? number : ECONNRESET);
    }
    bool plain = ERR_GET_REASON(lib_ERR_peek_error()) == SSL_R_HTTP_REQUEST;
    tls->reason = openssl_reason();
    return fail(plain ? ENOTSUP : EPROTO);
}

static int int_of(size_t len)
{
    return len < INT_MAX ? (int)len : INT_MAX;
}

ssize_t tls_recv(struct tls *tls, void *data, size_t len, bool *more)
{
    *more = false;
    if (tls->broken)
        return fail(ECONNRESET);
    tls->reads = READS;
    tls->drained = tls->stuck = false;
    size_t done = 0;
    ssize_t end = 0;
    while (done < len) {
        errno = 0;
        int count = lib_SSL_read(tls->ssl, (char *)data + done, int_of(len - done));
        if (count <= 0) {
            end = outcome(tls, count);
            break;
        }
        done += (size_t)count;
    }
    *more = !tls->stuck && (!tls->drained || done == len);
    return done ? (ssize_t)done : end;
}

ssize_t tls_send(struct tls *tls, const void *data, size_t len, bool more)
{
    if (tls->broken)
        return fail(ECONNRESET);
    size_t done = 0;
    ssize_t end = 0;
    tls->pending = false;
    while (done < len) {
        tls->more = more || len - done > RECORD;
        errno = 0;
        int count = lib_SSL_write(tls->ssl, (const char *)data + done, int_of(len - done));
        if (count <= 0) {
            end = outcome(tls, count);
            tls->pending = true;
            break;
        }
        done += (size_t)count;
    }
    tls->more = false;
    return done ? (ssize_t)done : end ? end : fail(ECONNRESET);
}

ssize_t tls_send_parts(struct tls *tls, const struct iovec *parts, size_t count, bool more)
{
    size_t len = 0;
    for (size_t i = 0; i < count && len < CHUNK; i++) {
        size_t part = parts[i].iov_len < CHUNK - len ? parts[i].iov_len : CHUNK - len;
        memcpy(chunk + len, parts[i].iov_base, part);
        len += part;
    }
    return tls_send(tls, chunk, len, more || len == CHUNK);
}

static ssize_t read_file(int file, size_t len, off_t at)
{
    ssize_t count;
    do
        count = pread(file, chunk, len, at);
    while (count < 0 && errno == EINTR);
    return count;
}

/* Reads the file in pieces and sends them. */
static ssize_t send_pieces(struct tls *tls, int file, off_t at, size_t len)
{
    size_t done = 0;
    while (done < len) {
        size_t limit = tls->pending ? RECORD : CHUNK;
        size_t want = len - done < limit ? len - done : limit;
        ssize_t count = read_file(file, want, at + (off_t)done);
        if (count <= 0)
            return done ? (ssize_t)done : count;
        ssize_t sent = tls_send(tls, chunk, (size_t)count, done + (size_t)count < len);
        if (sent < 0)
            return done ? (ssize_t)done : sent;
        done += (size_t)sent;
        if (sent < count)
            break;
    }
    return (ssize_t)done;
}

ssize_t tls_sendfile(struct tls *tls, int file, off_t *at, size_t len)
{
    ssize_t sent;
    if (tls->broken)
        return fail(ECONNRESET);
    if (is_encrypted_by_kernel(tls->bio)) {
        errno = 0;
        sent = lib_SSL_sendfile(tls->ssl, file, *at, len, 0);
        if (sent < 0)
            return outcome(tls, (int)sent);
    } else {
        sent = send_pieces(tls, file, *at, len);
    }
    if (sent > 0)
        *at += sent;
    return sent;
}

int tls_finish(struct tls *tls)
{
    if (tls->broken || tls->finished || lib_SSL_in_init(tls->ssl))
        return 0;
    errno = 0;
    int result = lib_SSL_shutdown(tls->ssl);
    tls->finished = result >= 0;
    return result >= 0 ? 0 : (int)outcome(tls, result);
}

bool tls_is_opening(const struct tls *tls)
{
    return lib_SSL_in_init(tls->ssl) && !lib_SSL_in_before(tls->ssl);
}

bool tls_wants_write(const struct tls *tls)
{
    return tls->stuck;
}

const char *tls_reason(const struct tls *tls)
{
    return tls->reason;
}
