/*
 * Where the bytes of a request come from and where those of a response go. Both hash what passes,
 * hold it against a descriptor, and can start again from the beginning; a response's can also go on
 * from where it was cut.
 */
#ifndef WASME_HTTP_BODY_H
#define WASME_HTTP_BODY_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/hashed_file.h"

struct body_source {
    const char *data; /* lent; NULL: `fd` is read with pread */
    int fd;
    long long size;
    const struct digest *expected; /* NULL: not looked at */
    const long long *ready;        /* lent: how many bytes `fd` has by now; NULL: all */
    long long at;                  /* bytes given so far */
    struct hasher *hasher;         /* owned */
    struct err err;                /* why body_source_read() refused */
};

/* From the start (again). */
int body_source_start(struct body_source *source, struct err *err);
#define BODY_WAIT (-2)

/* Whether there is something to read now. */
bool body_source_is_ready(const struct body_source *source);
/*
 * The next bytes: how many, 0 at the end, BODY_WAIT when they are not there yet, -1 when they
 * cannot be read or are not what `expected` says. That is found before the last of them is given: a
 * peer never has the whole of a wrong body.
 */
long body_source_read(struct body_source *source, char *to, size_t room);
void body_source_release(struct body_source *source);

struct body_sink {
    int fd; /* -1: `data` */
    struct buf *data;
    long long size;                /* what must arrive; -1: up to data->max */
    const struct digest *expected; /* NULL: not looked at */
    long long have;                /* bytes of it that are in `fd` already, before its position */
    long long at;                  /* bytes there so far, those among them */
    bool started;
    bool spoiled; /* what is there is wrong */
    off_t start;  /* of the first byte in `fd`; -1 where it cannot seek */
    size_t data_start;
    long long in_file;         /* bytes that are in `fd` by now, of `at` */
    struct hasher *hasher;     /* owned */
    struct hashed_file *large; /* owned; through which a large file is written, or NULL */
    struct err err;            /* why body_sink_write() refused */
};

/*
 * Ready for more. What has come so far is kept where that can be gone on with (a file that is held
 * against a digest), and hashed when it was there before; otherwise as body_sink_restart().
 */
int body_sink_start(struct body_sink *sink, struct err *err);
/* From the first byte (again): drops what is there. */
int body_sink_restart(struct body_sink *sink, struct err *err);
/* False when it cannot be written or is more than there may be. */
bool body_sink_write(struct body_sink *sink, const char *data, size_t len);
/* ERR_DAMAGED when what arrived is not what was expected. */
int body_sink_finish(struct body_sink *sink, struct err *err);
void body_sink_release(struct body_sink *sink);

#endif
