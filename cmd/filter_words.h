/* What is said of a filter beside its module, for `wasme deploy` and `wasme run`. */
#ifndef WASME_CMD_FILTER_WORDS_H
#define WASME_CMD_FILTER_WORDS_H

#include "cmd/check_wasm.h"

enum { FILTER_NAME_MAX = 63 }; /* bytes: a DNS label (RFC 1123, section 2.1) */

/* The name of the filter that the REF or FILE leads to: "harbor.example/base/My_Filter:v1",
 * "store:my_filter" and "out/my_filter.wasm" make "my-filter"; "filter" where nothing is left. A
 * DNS label of small letters, digits and "-". The caller frees it. */
char *filter_name(const char *text);

/* Reads the value of an option that takes a text or @FILE; `out` bounds it. A file with a NUL is an
 * error, since no text has one. */
int filter_config_read(const char *given, const char *option, struct buf *out, struct err *err);

/* Reads the runtime config of the subject, whose module `pulled` is: of an image in the store its
 * file, of another image the config blob, or the file beside the wasm in its tar. `*out` stays
 * empty when there is none, or none that can be read: such a config decides nothing. */
int filter_runtime(struct subject *subject, const struct wasm *pulled, struct runtime_config *out,
                   struct err *err);

#endif
