/* The one place that knows OpenSSL's libcrypto. */
#include "base/digest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* MD5() is deprecated as a digest; here the function only names folders. */
#define OPENSSL_API_COMPAT 10100
#include <openssl/evp.h>
#include <openssl/md5.h>

#include "base/lazy.h"
#include "base/mem.h"
#include "base/stop.h"

#define CRYPTO_SONAME "libcrypto.so.3"

DLOPEN_NOTE(crypto, "[{\"feature\":\"digest\",\"description\":\"SHA-256\","
                    "\"priority\":\"required\",\"soname\":[\"" CRYPTO_SONAME "\"]}]");

static __typeof__(EVP_MD_CTX_new) *crypto_ctx_new;
static __typeof__(EVP_MD_CTX_free) *crypto_ctx_free;
static __typeof__(EVP_DigestInit_ex) *crypto_init;
static __typeof__(EVP_DigestUpdate) *crypto_update;
static __typeof__(EVP_DigestFinal_ex) *crypto_final;
static __typeof__(EVP_sha256) *crypto_sha256;

static int load(struct err *err)
{
    static const struct lazy_symbol symbols[] = {
        {"EVP_MD_CTX_new", &crypto_ctx_new},   {"EVP_MD_CTX_free", &crypto_ctx_free},
        {"EVP_DigestInit_ex", &crypto_init},   {"EVP_DigestUpdate", &crypto_update},
        {"EVP_DigestFinal_ex", &crypto_final}, {"EVP_sha256", &crypto_sha256},
    };
    static struct lazy_library library = {CRYPTO_SONAME, symbols, COUNT(symbols), NULL};
    return lazy_load(&library, err);
}

struct hasher {
    EVP_MD_CTX *ctx;
};

static void to_hex(const unsigned char *bytes, size_t count, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * count] = '\0';
}

int hasher_new(struct hasher **out, struct err *err)
{
    int rc = load(err);
    if (rc)
        return rc;
    EVP_MD_CTX *ctx = crypto_ctx_new();
    if (!ctx)
        abort();
    if (crypto_init(ctx, crypto_sha256(), NULL) != 1) {
        crypto_ctx_free(ctx);
        return err_set(err, ERR_UNSUPPORTED,
                       "SHA-256 is not available: look at the system's OpenSSL configuration");
    }
    *out = mem_alloc(sizeof(**out));
    (*out)->ctx = ctx;
    return 0;
}

void hasher_update(struct hasher *hasher, const void *data, size_t len)
{
    if (crypto_update(hasher->ctx, data, len) != 1)
        abort();
}

void hasher_finish(struct hasher *hasher, struct digest *out)
{
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (crypto_final(hasher->ctx, raw, &len) != 1 || len * 2 != DIGEST_HEX_LEN ||
        crypto_init(hasher->ctx, NULL, NULL) != 1)
        abort();
    memcpy(out->text, "sha256:", 7);
    to_hex(raw, len, out->text + 7);
}

void hasher_free(struct hasher *hasher)
{
    if (!hasher)
        return;
    crypto_ctx_free(hasher->ctx);
    free(hasher);
}

void hasher_free_at(struct hasher **hasher)
{
    hasher_free(*hasher);
}

int digest_of(const void *data, size_t len, struct digest *out, struct err *err)
{
    AUTO(hasher_free_at) struct hasher *hasher = NULL;
    int rc = hasher_new(&hasher, err);
    if (rc)
        return rc;
    hasher_update(hasher, data, len);
    hasher_finish(hasher, out);
    return 0;
}

int digest_of_fd(int fd, struct digest *out, long long *size, struct err *err)
{
    enum { CHUNK = 64 * 1024 };
    AUTO(hasher_free_at) struct hasher *hasher = NULL;
    int rc = hasher_new(&hasher, err);
    if (rc)
        return rc;
    AUTO_FREE char *chunk = mem_alloc(CHUNK);
    struct stat info;
    if (fstat(fd, &info) != 0)
        return err_errno(err, "stat");
    off_t at = 0;
    while (at < info.st_size) {
        off_t left = info.st_size - at;
        ssize_t got = pread(fd, chunk, left < CHUNK ? (size_t)left : CHUNK, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(err, "read");
        if (got == 0)
            break;
        hasher_update(hasher, chunk, (size_t)got);
        at += got;
        rc = stop_check(err);
        if (rc)
            return rc;
    }
    hasher_finish(hasher, out);
    if (size)
        *size = at;
    return 0;
}

int digest_parse(const char *text, struct digest *out, struct err *err)
{
    if (strncmp(text, "sha256:", 7) != 0)
        return err_set(err, ERR_DAMAGED, "digest \"%.80s\": only sha256 is supported", text);
    if (strlen(text) != DIGEST_TEXT_LEN || strspn(text + 7, "0123456789abcdef") != DIGEST_HEX_LEN)
        return err_set(err, ERR_DAMAGED,
                       "digest \"%.80s\": sha256: must be followed by 64 lower-case hex digits",
                       text);
    memcpy(out->text, text, DIGEST_TEXT_LEN + 1);
    return 0;
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
    return strcmp(a->text, b->text) == 0;
}

const char *digest_hex(const struct digest *digest)
{
    return digest->text[0] ? digest->text + 7 : "";
}

/*
 * MD5 here names folders and protects nothing. The one function is linked from the static
 * libcrypto: every list and every look-up needs it, and loading the whole library would take longer
 * than they do.
 */
void md5_hex(const char *text, char out[MD5_HEX_LEN + 1])
{
    unsigned char raw[MD5_HEX_LEN / 2];
    MD5((const unsigned char *)text, strlen(text), raw);
    to_hex(raw, sizeof(raw), out);
}
