/*
 * The source of a request's body, and the sink for a response's body. Both hash the bytes that
 * pass, compare them with the expected size and digest, and can start again from the beginning. A
 * sink can also go on at the byte where a response was cut.
 */
#ifndef WASME_HTTP_BODY_H
#define WASME_HTTP_BODY_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/hashed_file.h"

struct body_sink;

struct body_source {
    const char *data; /* lent; NULL: `fd` is read with pread() */
    int fd;
    long long size;
    const struct digest *expected; /* lent; NULL: any bytes will do */
    const struct body_sink *from;  /* lent: fills `fd`, and hashes the bytes; NULL: all are there */
    unsigned restarts;             /* of `from` when this source began */
    long long at;                  /* bytes read so far */
    struct hasher *hasher;         /* owned */
    struct err err;                /* why body_source_read() refused */
};

/* Begins at the first byte, for the first time or again. */
int body_source_start(struct body_source *source, struct err *err);

#define BODY_WAIT (-2)

/* Can body_source_read() give bytes, or the end, now? */
bool body_source_is_ready(const struct body_source *source);
/*
 * Reads the next bytes and returns their number: 0 at the end, BODY_WAIT when the next bytes are
 * not there yet, -1 when they cannot be read, do not hash to `expected`, or have been replaced by
 * `from` since the source began. A wrong digest is found before the last bytes are returned, so
 * that no peer gets the whole of a wrong body.
 */
long body_source_read(struct body_source *source, char *to, size_t room);
void body_source_release(struct body_source *source);

struct body_sink {
    int fd; /* -1: the bytes go to `data` */
    struct buf *data;
    long long size;                /* bytes that must arrive; -1: any number up to data->max */
    const struct digest *expected; /* lent; NULL: any bytes will do */
    long long have; /* the body's first bytes that an earlier run left in `fd`, before
                                      the position of `fd` */
    long long at;   /* bytes that are there, those of `have` among them */
    bool started;
    bool spoiled;              /* the bytes that are there are wrong */
    off_t start;               /* offset of the body in `fd`; -1: `fd` cannot seek */
    size_t data_start;         /* offset of the body in `data` */
    long long in_file;         /* bytes of `at` that are in `fd` by now */
    bool whole;                /* all bytes are in `fd`, and have the right digest */
    unsigned restarts;         /* how often the bytes that were there have been dropped */
    struct hasher *hasher;     /* owned */
    struct hashed_file *large; /* owned: writes a large file; NULL for others */
    struct err err;            /* why body_sink_write() refused */
};

/*
 * Makes the sink ready for bytes. A file that is compared with a digest keeps the bytes that it
 * has, and the next bytes are added to them; bytes of an earlier run are hashed first. Every other
 * sink starts again as body_sink_restart() does.
 */
int body_sink_start(struct body_sink *sink, struct err *err);
/* Drops all bytes that are there, and makes the sink ready for the first byte. */
int body_sink_restart(struct body_sink *sink, struct err *err);
/* False: the bytes cannot be written, or are more than may come; see `err` of the sink. */
bool body_sink_write(struct body_sink *sink, const char *data, size_t len);
/* Compares the whole body with the size and the digest. ERR_DAMAGED: they differ. */
int body_sink_finish(struct body_sink *sink, struct err *err);
void body_sink_release(struct body_sink *sink);

#endif
