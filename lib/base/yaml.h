/*
 * YAML 1.1 and 1.2, written and read by libyaml. What is written means the same to readers of both
 * versions: a text that either would take for a number, a truth value, a date or null is quoted.
 */
#ifndef WASME_BASE_YAML_H
#define WASME_BASE_YAML_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

/* Adds the value as one document, in block style and without the line "---". Members keep their
 * order. ERR_NOT_FOUND: libyaml is not installed. */
int yaml_write(const struct json_t *value, struct buf *out, struct err *err);

enum { YAML_DEPTH_MAX = 64 };

/*
 * Reads one document; JSON is YAML, too. Every scalar becomes a text as it is written, since the
 * reader of a member knows what it is to be: 403 is the text "403", and null the text "null".
 * ERR_DAMAGED, with the line: the text is malformed, nested deeper than YAML_DEPTH_MAX, has a key
 * twice, or an alias. `*out` is a document: json_doc_free_at().
 */
int yaml_read(const char *text, size_t len, struct json_t **out, struct err *err);

#endif
