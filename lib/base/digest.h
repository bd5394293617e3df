/*
 * Digests: SHA-256 of content in the form of the OCI image specification
 * (descriptor.md, "Digests": "sha256:" and 64 lower-case hex digits), and the
 * MD5 that the store names its folders by.
 */
#ifndef WASME_BASE_DIGEST_H
#define WASME_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define DIGEST_HEX_LEN 64
#define DIGEST_TEXT_LEN (7 + DIGEST_HEX_LEN)
#define MD5_HEX_LEN 32

struct digest {
    char text[DIGEST_TEXT_LEN + 1]; /* "sha256:<hex>", or "" for none */
};

/* A running SHA-256. */
struct hasher;

struct hasher *hasher_new(void); /* the caller's */
void hasher_update(struct hasher *hasher, const void *data, size_t len);
/* The digest of what was added; the hasher is then as new. */
void hasher_finish(struct hasher *hasher, struct digest *out);
void hasher_free(struct hasher *hasher);
void hasher_free_at(struct hasher **hasher); /* for AUTO() */

void digest_of(const void *data, size_t len, struct digest *out);
/* The digest and the size of the file, from its start (pread) to the end that it has at the call: a
 * file that grows meanwhile, or has no end, is not followed. */
int digest_of_fd(int fd, struct digest *out, long long *size, struct err *err);
/* "sha256:<64 lower-case hex>" and nothing else; ERR_DAMAGED names what is wrong. */
int digest_parse(const char *text, struct digest *out, struct err *err);
bool digest_equal(const struct digest *a, const struct digest *b);
/* The 64 digits behind "sha256:". */
const char *digest_hex(const struct digest *digest);

/* The algorithms of digests in registries (OCI image specification, descriptor.md, "Registered
 * Algorithms"). wasme itself writes sha256 alone. */
enum digest_algorithm { DIGEST_SHA256, DIGEST_SHA512, DIGEST_ALGORITHMS };
#define DIGEST_ANY_TEXT_LEN (7 + 128)

/* A digest of either algorithm: "sha512:" is followed by 128 lower-case hex digits. */
struct digest_any {
    char text[DIGEST_ANY_TEXT_LEN + 1];
};

/* "sha256", "sha512". */
const char *digest_algorithm_name(enum digest_algorithm algorithm);
/* ERR_DAMAGED names what is wrong. */
int digest_any_parse(const char *text, struct digest_any *out, struct err *err);
enum digest_algorithm digest_any_algorithm(const struct digest_any *digest);
const char *digest_any_hex(const struct digest_any *digest);
/* The same digest in the other type; false, with "", when it is no SHA-256. */
void digest_widen(const struct digest *digest, struct digest_any *out);
bool digest_narrow(const struct digest_any *digest, struct digest *out);
bool digest_any_equal(const struct digest_any *a, const struct digest_any *b);
void digest_any_of(const void *data, size_t len, enum digest_algorithm algorithm,
                   struct digest_any *out);
/* As digest_of_fd(). */
int digest_any_of_fd(int fd, enum digest_algorithm algorithm, struct digest_any *out,
                     long long *size, struct err *err);
/* A hasher for the algorithm, for hasher_finish_any(). */
struct hasher *hasher_new_for(enum digest_algorithm algorithm);
void hasher_finish_any(struct hasher *hasher, struct digest_any *out);

/* 32 lower-case hex digits and a NUL. */
void md5_hex(const char *text, char out[MD5_HEX_LEN + 1]);
/* The same of a file, read as by digest_of_fd(). */
int md5_of_fd(int fd, char out[MD5_HEX_LEN + 1], struct err *err);

#endif
