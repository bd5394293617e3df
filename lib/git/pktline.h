/* The lines of git's protocol (gitprotocol-common(5), "pkt-line Format"), out of a stream of
 * bytes. */
#ifndef WASME_GIT_PKTLINE_H
#define WASME_GIT_PKTLINE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define PKT_MAX 65520 /* bytes of a line with the four digits of its length; more is an error */

struct pkt_reader {
    /* Takes a line without the digits; `data` is NULL for a flush. An error ends the reading. */
    int (*line)(void *arg, const char *data, size_t len, struct err *err);
    void *arg;
    size_t have; /* bytes of the line that is not complete yet */
    char part[PKT_MAX];
};

/* Takes the next bytes of the stream, and hands on the lines that are complete. ERR_DAMAGED: the
 * bytes are no such lines. */
int pkt_feed(struct pkt_reader *reader, const char *data, size_t len, struct err *err);
/* Has the stream ended between two lines? */
int pkt_end(const struct pkt_reader *reader, struct err *err);
/* Appends a line, "want …"; the text is of the caller and short. */
void pkt_add(struct buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define PKT_FLUSH "0000"

#endif
