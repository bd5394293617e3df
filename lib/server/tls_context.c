#include "server/tls_context.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

enum {
    SESSION_S = 60 * 60,
    SESSIONS_MAX = 4096, /* of clients of TLS 1.2 without tickets */
    TICKET_KEY_MS = 12 * 60 * 60 * 1000,
    TICKET_KEY_MAX = 256,
    CHAIN_MAX = 32,
};

static const char ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";

static void x509_free(X509 **x509)
{
    if (*x509)
        lib_X509_free(*x509);
}

static void key_free(EVP_PKEY **key)
{
    if (*key)
        lib_EVP_PKEY_free(*key);
}

static void bio_free(BIO **bio)
{
    if (*bio)
        lib_BIO_free(*bio);
}

static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                       const unsigned char *offered, unsigned len, void *arg)
{
    (void)ssl;
    (void)arg;
    static const unsigned char http[] = "http/1.1";
    for (unsigned at = 0; at < len; at += 1u + offered[at]) {
        if (offered[at] != sizeof(http) - 1 || len - at - 1 < offered[at] ||
            memcmp(offered + at + 1, http, sizeof(http) - 1) != 0)
            continue;
        *out = offered + at + 1;
        *out_len = offered[at];
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL; /* RFC 7301, section 3.2 */
}

static int set_rules(SSL_CTX *ssl, struct err *err)
{
    static const unsigned char id[] = "wasme";
    lib_SSL_CTX_ctrl(ssl, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, NULL);
    lib_SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_ENABLE_KTLS);
    lib_SSL_CTX_ctrl(ssl, SSL_CTRL_MODE,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                         SSL_MODE_RELEASE_BUFFERS,
                     NULL);
    lib_SSL_CTX_ctrl(ssl, SSL_CTRL_SET_READ_AHEAD, 1, NULL);
    lib_SSL_CTX_ctrl(ssl, SSL_CTRL_SET_SESS_CACHE_SIZE, SESSIONS_MAX, NULL);
    lib_SSL_CTX_set_session_id_context(ssl, id, sizeof(id) - 1);
    lib_SSL_CTX_set_timeout(ssl, SESSION_S);
    lib_SSL_CTX_set_alpn_select_cb(ssl, choose_alpn, NULL);
    if (lib_SSL_CTX_set_cipher_list(ssl, ciphers) != 1)
        return openssl_fail(err, "choose the ciphers of TLS");
    return 0;
}

/* OpenSSL asks for the password of a key. */
static int refuse_password(char *to, int size, int writing, void *asked)
{
    (void)to;
    (void)size;
    (void)writing;
    *(bool *)asked = true;
    return -1;
}

static char *date_of(const ASN1_TIME *time)
{
    struct tm parts;
    char text[32] = "an unknown day";
    if (lib_ASN1_TIME_to_tm(time, &parts) == 1)
        (void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &parts);
    return mem_dup(text);
}

static char *warn_of_dates(const char *path, const X509 *leaf)
{
    const ASN1_TIME *begin = lib_X509_get0_notBefore(leaf), *end = lib_X509_get0_notAfter(leaf);
    bool early = lib_X509_cmp_current_time(begin) > 0;
    if (!early && lib_X509_cmp_current_time(end) > 0)
        return NULL;
    AUTO_FREE char *date = date_of(early ? begin : end);
    if (early)
        return mem_printf("%s: the certificate is not valid before %s: clients refuse it until "
                          "then; look at the clock of this machine",
                          path, date);
    return mem_printf("%s: the certificate expired at %s: clients refuse it; put a new one in its "
                      "place, and send SIGHUP",
                      path, date);
}

/* The certificates behind the first one lead to the root. */
static int add_chain(SSL_CTX *ssl, BIO *bio, const char *path, struct err *err)
{
    for (int i = 0; i < CHAIN_MAX; i++) {
        AUTO(x509_free) X509 *x509 = lib_PEM_read_bio_X509(bio, NULL, NULL, NULL);
        if (!x509 && ERR_GET_REASON(lib_ERR_peek_last_error()) == PEM_R_NO_START_LINE) {
            lib_ERR_clear_error();
            return 0;
        }
        if (!x509 || lib_SSL_CTX_ctrl(ssl, SSL_CTRL_CHAIN_CERT, 1, x509) != 1)
            return openssl_fail(err, "%s: certificate %d", path, i + 2);
    }
    return err_set(err, ERR_DAMAGED, "%s: more than %d certificates", path, CHAIN_MAX);
}

static int use_certificates(SSL_CTX *ssl, const char *path, const struct buf *text, X509 **leaf,
                            struct err *err)
{
    AUTO(bio_free) BIO *bio = lib_BIO_new_mem_buf(buf_text(text), (int)text->len);
    AUTO(x509_free) X509 *x509 = bio ? lib_PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    if (!x509 && ERR_GET_REASON(lib_ERR_peek_last_error()) == PEM_R_NO_START_LINE) {
        lib_ERR_clear_error();
        return err_set(err, ERR_DAMAGED,
                       "%s: no certificate in PEM form is in this file (a file in DER form is "
                       "converted by: openssl x509 -inform DER -in FILE)",
                       path);
    }
    if (!x509)
        return openssl_fail(err, "%s: the certificate", path);
    if (lib_SSL_CTX_use_certificate(ssl, x509) != 1)
        return openssl_fail(err, "%s: the certificate cannot be used", path);
    *leaf = STEAL(x509);
    return add_chain(ssl, bio, path, err);
}

static int read_key(const char *path, const struct buf *text, EVP_PKEY **out, struct err *err)
{
    bool asked = false;
    AUTO(bio_free) BIO *bio = lib_BIO_new_mem_buf(buf_text(text), (int)text->len);
    *out = bio ? lib_PEM_read_bio_PrivateKey(bio, NULL, refuse_password, &asked) : NULL;
    if (*out)
        return 0;
    if (asked) {
        lib_ERR_clear_error();
        return err_set(err, ERR_UNSUPPORTED,
                       "%s: the private key is encrypted: decrypt it into a file that only this "
                       "user can read (openssl pkey -in FILE)",
                       path);
    }
    if (!strstr(buf_text(text), " PRIVATE KEY-----")) {
        lib_ERR_clear_error();
        return err_set(err, ERR_DAMAGED,
                       "%s: no private key in PEM form is in this file: name its file with "
                       "--tls-key",
                       path);
    }
    return openssl_fail(err, "%s: the private key", path);
}

static int use_key(SSL_CTX *ssl, const char *path, const struct buf *text, const char *cert,
                   const X509 *leaf, struct err *err)
{
    AUTO(key_free) EVP_PKEY *key = NULL;
    int rc = read_key(path, text, &key, err);
    if (rc)
        return rc;
    if (lib_X509_check_private_key(leaf, key) != 1) {
        lib_ERR_clear_error();
        return err_set(err, ERR_DAMAGED,
                       "%s: the private key does not belong to the certificate, which is the "
                       "first one in %s",
                       path, cert);
    }
    if (lib_SSL_CTX_use_PrivateKey(ssl, key) != 1)
        return openssl_fail(err, "%s: the private key cannot be used", path);
    return 0;
}

/* The buffers never grow: a growing buffer would leave copies of the key behind. */
static int use_files(SSL_CTX *ssl, const char *cert, const char *key, X509 **leaf, struct err *err)
{
    struct buf chain AUTO(buf_wipe) = BUF_INIT(TLS_FILE_MAX);
    struct buf secret AUTO(buf_wipe) = BUF_INIT(TLS_FILE_MAX);
    buf_reserve(&chain);
    int rc = file_read_named(cert, &chain, err);
    if (!rc && key) {
        buf_reserve(&secret);
        rc = file_read_named(key, &secret, err);
    }
    if (!rc)
        rc = use_certificates(ssl, cert, &chain, leaf, err);
    if (rc)
        return rc;
    return key ? use_key(ssl, key, &secret, cert, *leaf, err)
               : use_key(ssl, cert, &chain, cert, *leaf, err);
}

int tls_context_open(const char *cert, const char *key, struct tls_context *out, char **warning,
                     struct err *err)
{
    AUTO(tls_context_release) struct tls_context context = {0};
    AUTO(x509_free) X509 *leaf = NULL;
    int rc = openssl_load(err);
    if (rc)
        return err_wrap(err, "TLS");
    context.ssl = lib_SSL_CTX_new(lib_TLS_server_method());
    if (!context.ssl)
        return openssl_fail(err, "TLS");
    rc = set_rules(context.ssl, err);
    if (!rc)
        rc = use_files(context.ssl, cert, key, &leaf, err);
    if (rc)
        return rc;
    *warning = warn_of_dates(cert, leaf);
    out->ssl = STEAL(context.ssl);
    out->keyed = 0;
    return 0;
}

void tls_context_release(struct tls_context *context)
{
    if (context->ssl)
        lib_SSL_CTX_free(context->ssl);
    context->ssl = NULL;
}

void tls_context_renew(struct tls_context *context, int64_t now)
{
    unsigned char key[TICKET_KEY_MAX];
    if (context->keyed && now - context->keyed < TICKET_KEY_MS)
        return;
    long len = lib_SSL_CTX_ctrl(context->ssl, SSL_CTRL_GET_TLSEXT_TICKET_KEYS, 0, NULL);
    bool made = len > 0 && len <= TICKET_KEY_MAX && getrandom(key, (size_t)len, 0) == len;
    if (made)
        lib_SSL_CTX_ctrl(context->ssl, SSL_CTRL_SET_TLSEXT_TICKET_KEYS, len, key);
    explicit_bzero(key, sizeof(key));
    context->keyed = now;
}
