/* Replies of the registry API. */
#ifndef WASME_STORE_DISTRIBUTION_REPLY_H
#define WASME_STORE_DISTRIBUTION_REPLY_H

#include "base/digest.h"
#include "server/reply.h"

enum { DIST_PAGE_MAX = 8 * 1024 * 1024 }; /* bytes of a reply that is made in memory */

/* Makes the reply an error (OCI distribution specification, "Error Codes"): a JSON object with the
 * code and a message for people. */
void dist_error(struct server_reply *reply, int status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Reads a digest that a client sent. False: the reply refuses the text. */
bool dist_read_digest(struct server_reply *reply, const char *text, struct digest_any *out);
/* Makes the reply an empty one. */
void dist_empty(struct server_reply *reply, int status);
/* Makes the reply a text that is still empty: reply->page. */
void dist_page(struct server_reply *reply, const char *type);
/* The media type of the body; copied. */
void dist_type(struct server_reply *reply, const char *type);
/* Adds Docker-Content-Digest, and the entity tag that goes with it. */
void dist_digest(struct server_reply *reply, const char *digest);
/* Adds a field with a formatted value. */
void dist_field(struct server_reply *reply, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Makes the reply the whole file, which the reply then owns. */
void dist_file(struct server_reply *reply, int fd, long long size);
/* Makes a file in memory of the bytes; the caller closes it. */
int dist_memory(const struct buf *bytes, int *fd, struct err *err);

#endif
