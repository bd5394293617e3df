/* The functions of OpenSSL's libssl that are used, loaded when first needed: for this room alone.
 * The same library file leads to the functions of libcrypto that go with them. */
#ifndef WASME_SERVER_OPENSSL_H
#define WASME_SERVER_OPENSSL_H

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/err.h"

/* NAME is called as lib_NAME. Macros of the headers that call functions cannot be used. */
/* clang-format off */
#define OPENSSL_FUNCTIONS(X) \
    X(TLS_server_method) X(SSL_CTX_new) X(SSL_CTX_free) X(SSL_CTX_ctrl) X(SSL_CTX_set_options) \
    X(SSL_CTX_set_cipher_list) X(SSL_CTX_set_alpn_select_cb) X(SSL_CTX_set_session_id_context) \
    X(SSL_CTX_set_timeout) X(SSL_CTX_set_num_tickets) X(SSL_CTX_use_certificate) \
    X(SSL_CTX_use_PrivateKey) X(SSL_new) X(SSL_free) X(SSL_set_bio) X(SSL_set_accept_state) \
    X(SSL_read) X(SSL_write) X(SSL_sendfile) X(SSL_shutdown) X(SSL_set_shutdown) \
    X(SSL_get_error) X(SSL_in_init) X(SSL_in_before) X(SSL_has_pending) \
    X(BIO_s_socket) X(BIO_meth_new) X(BIO_meth_free) X(BIO_test_flags) \
    X(BIO_meth_get_read) X(BIO_meth_set_read) X(BIO_meth_get_write) X(BIO_meth_set_write) \
    X(BIO_meth_get_ctrl) X(BIO_meth_set_ctrl) X(BIO_meth_get_create) X(BIO_meth_set_create) \
    X(BIO_meth_get_destroy) X(BIO_meth_set_destroy) \
    X(BIO_new) X(BIO_free) X(BIO_new_mem_buf) X(BIO_int_ctrl) X(BIO_ctrl) \
    X(BIO_set_flags) X(BIO_clear_flags) X(BIO_set_ex_data) X(BIO_get_ex_data) \
    X(PEM_read_bio_X509) X(PEM_read_bio_PrivateKey) X(X509_free) X(EVP_PKEY_free) \
    X(X509_check_private_key) X(X509_get0_notBefore) X(X509_get0_notAfter) \
    X(X509_cmp_current_time) X(ASN1_TIME_to_tm) \
    X(ERR_peek_error) X(ERR_peek_last_error) X(ERR_clear_error) X(ERR_reason_error_string)
/* clang-format on */

#define OPENSSL_DECLARE(name) extern __typeof__(name) *lib_##name;
OPENSSL_FUNCTIONS(OPENSSL_DECLARE)

/* Loads libssl. */
int openssl_load(struct err *err);
/* The newest error of this thread in OpenSSL's words, or "unknown error"; static. Forgets all
 * errors of the thread. */
const char *openssl_reason(void);
/* Sets ERR_FAILED: the words of the format, and behind them OpenSSL's reason. */
int openssl_fail(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
