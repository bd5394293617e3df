/*
 * Where the bytes of a request come from and where those of a response go. Both hash what passes,
 * hold it against a descriptor, and can start again from the beginning.
 */
#ifndef WASME_REGISTRY_BODY_H
#define WASME_REGISTRY_BODY_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/digest.h"

struct body_source {
    const char *data; /* lent; NULL: `fd` is read with pread */
    int fd;
    long long size;
    const struct digest *expected; /* NULL: not looked at */
    long long at;                  /* bytes given so far */
    struct hasher *hasher;         /* owned */
    struct err err;                /* why body_source_read() refused */
};

/* From the start (again). */
int body_source_start(struct body_source *source, struct err *err);
/*
 * The next bytes: how many, 0 at the end, -1 when they cannot be read or are not what `expected`
 * says. That is found before the last of them is given: a peer never has the whole of a wrong body.
 */
long body_source_read(struct body_source *source, char *to, size_t room);
void body_source_release(struct body_source *source);

struct body_sink {
    int fd; /* -1: `data` */
    struct buf *data;
    long long size;                /* what must arrive; -1: up to data->max */
    const struct digest *expected; /* NULL: not looked at */
    long long at;                  /* bytes taken so far */
    bool started;
    off_t start; /* of the first byte in `fd`; -1 where it cannot seek */
    size_t data_start;
    struct hasher *hasher; /* owned */
    struct err err;        /* why body_sink_write() refused */
};

/* From the start (again): drops what an earlier try has written. */
int body_sink_start(struct body_sink *sink, struct err *err);
/* False when it cannot be written or is more than there may be. */
bool body_sink_write(struct body_sink *sink, const char *data, size_t len);
/* ERR_DAMAGED when what arrived is not what was expected. */
int body_sink_finish(struct body_sink *sink, struct err *err);
void body_sink_release(struct body_sink *sink);

#endif
