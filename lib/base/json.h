/*
 * Reading JSON, and changing a document that someone else wrote. A document is bounded text that is
 * parsed whole; the values that are read from it are borrowed from it. json_write.h writes new
 * text.
 */
#ifndef WASME_BASE_JSON_H
#define WASME_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* A JSON value (jansson's type; only base/json.c knows more of it). */
struct json_t;

/* Parses RFC 8259 text, with or without a byte order mark; duplicate keys are refused. Hands over a
 * document: json_doc_free_at(). The error quotes the text. */
int json_doc_parse(const char *text, size_t len, struct json_t **out, struct err *err);
/* The same for a text that holds secrets: the error quotes nothing of it. */
int json_doc_parse_secret(const char *text, size_t len, struct json_t **out, struct err *err);
/* Whether json_doc_parse() fails for nothing but numbers that it cannot hold: whole ones beyond 64
 * bits, and others beyond a double. */
bool json_doc_overflows(const char *text, size_t len);
void json_doc_free_at(struct json_t **doc); /* for AUTO() */

bool json_is_obj(const struct json_t *value);
bool json_is_arr(const struct json_t *value);
bool json_is_nul(const struct json_t *value);
bool json_is_text(const struct json_t *value);  /* a string */
bool json_is_whole(const struct json_t *value); /* a number without point and exponent */

/* NULL when `object` is no object or has no such member. */
const struct json_t *json_member(const struct json_t *object, const char *key);
/* The member's text: NULL when absent or not a string without NUL. */
const char *json_member_text(const struct json_t *object, const char *key);
/* The value's own text: NULL when it is not a string without NUL. */
const char *json_text(const struct json_t *value);
/* The member as a whole number of at least 0 and at most `max`; -1 otherwise. */
long long json_member_size(const struct json_t *object, const char *key, long long max);

size_t json_arr_len(const struct json_t *array); /* 0 when it is no array */
const struct json_t *json_arr_at(const struct json_t *array, size_t index);

/* Calls `visit` for each member in the order of the text, until it returns non-zero: that is
 * then the result. */
int json_each_member(const struct json_t *object,
                     int (*visit)(void *arg, const char *key, const struct json_t *value),
                     void *arg);

/* Changing. Members keep their order, and new ones come last. */

/* An empty object: a document of its own. */
struct json_t *json_new_obj(void);
/* The member that is an object, made when there is none: lent. NULL when the member is something
 * else, or `object` is no object. */
struct json_t *json_obj_in(struct json_t *object, const char *key);
/* ERR_DAMAGED when the key or the text is no UTF-8. */
int json_set_text(struct json_t *object, const char *key, const char *text, struct err *err);
void json_remove(struct json_t *object, const char *key); /* which may be absent */
/* Making. Each of these is a document of its own, until it is put into another one. A text that is
 * no UTF-8 becomes U+FFFD. */
struct json_t *json_new_arr(void);
struct json_t *json_of_text(const char *text);
struct json_t *json_of_int(long long number);
struct json_t *json_of_bool(bool value);
struct json_t *json_copy_of(const struct json_t *value);
/* Both take `value` over. json_put() replaces a member of that name. */
void json_put(struct json_t *object, const char *key, struct json_t *value);
void json_append(struct json_t *array, struct json_t *value);

/* Adds a number, true, false or null as JSON writes it: a number with a point in as few digits as
 * give the same number again. False, and nothing is added: the value is something else. */
bool json_scalar(const struct json_t *value, struct buf *out);

/* Adds the document as text, indented by tabs as Docker does, with a line end. Members and texts
 * are what they were, though a text may be escaped in another way. */
void json_dump(const struct json_t *doc, struct buf *out);

#endif
