/* The one place that knows OpenSSL's libcrypto. */
#include "base/digest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Deprecated, since OpenSSL wants all digests to go through its providers: see hasher_new(). */
#define OPENSSL_API_COMPAT 10100
#include <openssl/md5.h>
#include <openssl/sha.h>

#include "base/mem.h"
#include "base/stop.h"

struct hasher {
    enum digest_algorithm algorithm;
    union {
        SHA256_CTX ctx;
        SHA512_CTX wide;
    };
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

/*
 * SHA-256 and MD5 are linked from the static libcrypto, without the library's providers and its
 * start: together with loading the shared library, these would take more time than most commands.
 * The functions choose the processor's instructions for SHA-256 by themselves.
 */
struct hasher *hasher_new_for(enum digest_algorithm algorithm)
{
    struct hasher *hasher = mem_alloc(sizeof(*hasher));
    hasher->algorithm = algorithm;
    if (algorithm == DIGEST_SHA512)
        SHA512_Init(&hasher->wide);
    else
        SHA256_Init(&hasher->ctx);
    return hasher;
}

struct hasher *hasher_new(void)
{
    return hasher_new_for(DIGEST_SHA256);
}

void hasher_update(struct hasher *hasher, const void *data, size_t len)
{
    if (hasher->algorithm == DIGEST_SHA512)
        SHA512_Update(&hasher->wide, data, len);
    else
        SHA256_Update(&hasher->ctx, data, len);
}

void hasher_finish_any(struct hasher *hasher, struct digest_any *out)
{
    unsigned char raw[SHA512_DIGEST_LENGTH];
    size_t len = SHA256_DIGEST_LENGTH;
    if (hasher->algorithm == DIGEST_SHA512) {
        len = SHA512_DIGEST_LENGTH;
        SHA512_Final(raw, &hasher->wide);
        SHA512_Init(&hasher->wide);
    } else {
        SHA256_Final(raw, &hasher->ctx);
        SHA256_Init(&hasher->ctx);
    }
    memcpy(out->text, digest_algorithm_name(hasher->algorithm), 6);
    out->text[6] = ':';
    to_hex(raw, len, out->text + 7);
}

void hasher_finish(struct hasher *hasher, struct digest *out)
{
    struct digest_any any = {""};
    hasher_finish_any(hasher, &any);
    memcpy(out->text, any.text, DIGEST_TEXT_LEN);
    out->text[DIGEST_TEXT_LEN] = '\0';
}

void hasher_free(struct hasher *hasher)
{
    free(hasher);
}

void hasher_free_at(struct hasher **hasher)
{
    hasher_free(*hasher);
}

void digest_of(const void *data, size_t len, struct digest *out)
{
    AUTO(hasher_free_at) struct hasher *hasher = hasher_new();
    hasher_update(hasher, data, len);
    hasher_finish(hasher, out);
}

/* Hands the bytes of the file to `add`, as digest_of_fd() reads them. */
static int each_chunk(int fd, void (*add)(void *to, const void *data, size_t len), void *to,
                      long long *size, struct err *err)
{
    enum { CHUNK = 64 * 1024 };
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
        add(to, chunk, (size_t)got);
        at += got;
        int rc = stop_check(err);
        if (rc)
            return rc;
    }
    if (size)
        *size = at;
    return 0;
}

static void add_to_hasher(void *to, const void *data, size_t len)
{
    hasher_update(to, data, len);
}

int digest_of_fd(int fd, struct digest *out, long long *size, struct err *err)
{
    AUTO(hasher_free_at) struct hasher *hasher = hasher_new();
    int rc = each_chunk(fd, add_to_hasher, hasher, size, err);
    if (!rc)
        hasher_finish(hasher, out);
    return rc;
}

int digest_any_of_fd(int fd, enum digest_algorithm algorithm, struct digest_any *out,
                     long long *size, struct err *err)
{
    AUTO(hasher_free_at) struct hasher *hasher = hasher_new_for(algorithm);
    int rc = each_chunk(fd, add_to_hasher, hasher, size, err);
    if (!rc)
        hasher_finish_any(hasher, out);
    return rc;
}

void digest_any_of(const void *data, size_t len, enum digest_algorithm algorithm,
                   struct digest_any *out)
{
    AUTO(hasher_free_at) struct hasher *hasher = hasher_new_for(algorithm);
    hasher_update(hasher, data, len);
    hasher_finish_any(hasher, out);
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

const char *digest_algorithm_name(enum digest_algorithm algorithm)
{
    return algorithm == DIGEST_SHA512 ? "sha512" : "sha256";
}

enum digest_algorithm digest_any_algorithm(const struct digest_any *digest)
{
    return strncmp(digest->text, "sha512:", 7) == 0 ? DIGEST_SHA512 : DIGEST_SHA256;
}

int digest_any_parse(const char *text, struct digest_any *out, struct err *err)
{
    bool wide = strncmp(text, "sha512:", 7) == 0;
    size_t digits = wide ? 128 : DIGEST_HEX_LEN;
    if (!wide && strncmp(text, "sha256:", 7) != 0)
        return err_set(err, ERR_DAMAGED, "digest \"%.150s\": only sha256 and sha512 are supported",
                       text);
    if (strlen(text) != 7 + digits || strspn(text + 7, "0123456789abcdef") != digits)
        return err_set(err, ERR_DAMAGED,
                       "digest \"%.150s\": %.7s must be followed by %zu lower-case hex digits",
                       text, text, digits);
    memcpy(out->text, text, 7 + digits + 1);
    return 0;
}

void digest_widen(const struct digest *digest, struct digest_any *out)
{
    memcpy(out->text, digest->text, sizeof(digest->text));
}

bool digest_narrow(const struct digest_any *digest, struct digest *out)
{
    bool fits = digest->text[0] && digest_any_algorithm(digest) == DIGEST_SHA256;
    out->text[0] = '\0';
    if (fits)
        memcpy(out->text, digest->text, sizeof(out->text));
    return fits;
}

bool digest_any_equal(const struct digest_any *a, const struct digest_any *b)
{
    return strcmp(a->text, b->text) == 0;
}

const char *digest_any_hex(const struct digest_any *digest)
{
    return digest->text[0] ? digest->text + 7 : "";
}

/* MD5 names folders here, and protects nothing. */
void md5_hex(const char *text, char out[MD5_HEX_LEN + 1])
{
    unsigned char raw[MD5_HEX_LEN / 2];
    MD5((const unsigned char *)text, strlen(text), raw);
    to_hex(raw, sizeof(raw), out);
}

static void add_to_md5(void *to, const void *data, size_t len)
{
    MD5_Update(to, data, len);
}

int md5_of_fd(int fd, char out[MD5_HEX_LEN + 1], struct err *err)
{
    unsigned char raw[MD5_HEX_LEN / 2];
    MD5_CTX ctx;
    MD5_Init(&ctx);
    int rc = each_chunk(fd, add_to_md5, &ctx, NULL, err);
    MD5_Final(raw, &ctx);
    to_hex(raw, sizeof(raw), out);
    return rc;
}
