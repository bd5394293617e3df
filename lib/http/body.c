#include "http/body.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

enum { LARGE = 4 * 1024 * 1024 };

static void begin_hash(struct hasher **hasher, const struct digest *expected)
{
    struct digest unused;
    if (*hasher)
        hasher_finish(*hasher, &unused); /* the hasher is as new then */
    else if (expected)
        *hasher = hasher_new();
}

static int check_hash(struct hasher *hasher, const struct digest *expected, struct err *err)
{
    struct digest found;
    if (!expected)
        return 0;
    hasher_finish(hasher, &found);
    if (digest_equal(&found, expected))
        return 0;
    return err_set(err, ERR_DAMAGED, "its bytes hash to %s, not to %s", found.text, expected->text);
}

int body_source_start(struct body_source *source, struct err *err)
{
    source->at = 0;
    err_release(&source->err);
    source->restarts = source->from ? source->from->restarts : 0;
    if (source->from && source->size > 0) /* which hashes the bytes */
        return 0;
    begin_hash(&source->hasher, source->expected);
    return source->size == 0 ? check_hash(source->hasher, source->expected, err) : 0;
}

static long take(struct body_source *source, char *to, size_t len)
{
    if (source->data) {
        memcpy(to, source->data + source->at, len);
        return (long)len;
    }
    ssize_t got;
    do
        got = pread(source->fd, to, len, source->at);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        err_errno(&source->err, "read its bytes");
    else if (got == 0)
        err_set(&source->err, ERR_DAMAGED, "it has %lld bytes, not %lld", source->at, source->size);
    return got > 0 ? (long)got : -1;
}

/* The bytes that may be read by now. The last one waits until the digest of all is known. */
static long long ready_of(const struct body_source *source)
{
    const struct body_sink *from = source->from;
    if (!from || from->whole)
        return source->size;
    return from->in_file < source->size ? from->in_file : source->size - 1;
}

static bool is_replaced(const struct body_source *source)
{
    return source->from && source->from->restarts != source->restarts;
}

bool body_source_is_ready(const struct body_source *source)
{
    return ready_of(source) > source->at || source->at == source->size || is_replaced(source);
}

long body_source_read(struct body_source *source, char *to, size_t room)
{
    long long left = ready_of(source) - source->at;
    if (is_replaced(source)) {
        err_set(&source->err, ERR_DAMAGED, "its bytes were wrong, and are fetched again");
        return -1;
    }
    if (source->size == source->at)
        return 0;
    if (left <= 0)
        return BODY_WAIT;
    long got = take(source, to, (long long)room < left ? room : (size_t)left);
    if (got < 0)
        return -1;
    source->at += got;
    if (source->from)
        return got;
    if (source->expected)
        hasher_update(source->hasher, to, (size_t)got);
    if (source->at == source->size &&
        check_hash(source->hasher, source->expected, &source->err) != 0)
        return -1;
    return got;
}

void body_source_release(struct body_source *source)
{
    hasher_free(source->hasher);
    source->hasher = NULL;
    err_release(&source->err);
}

/* Hashes the bytes that an earlier run left in the file. */
static int hash_kept(struct body_sink *sink, struct err *err)
{
    enum { CHUNK = 64 * 1024 };
    AUTO_FREE char *chunk = mem_alloc(CHUNK);
    long long left = sink->have;
    while (left > 0) {
        ssize_t got = pread(sink->fd, chunk, left < CHUNK ? (size_t)left : CHUNK,
                            sink->start + (sink->have - left));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return err_errno(err, "read what is there of it");
        hasher_update(sink->hasher, chunk, (size_t)got);
        left -= got;
    }
    sink->at = sink->in_file = sink->have;
    return 0;
}

/* A thread hashes a large file; for a small one, the thread would cost more than the hashing. */
static void begin_large(struct body_sink *sink)
{
    hashed_file_free(sink->large);
    sink->large = NULL;
    if (sink->fd >= 0 && sink->expected && sink->size - sink->at >= LARGE)
        sink->large = hashed_file_new(sink->fd, sink->hasher);
}

static int first_start(struct body_sink *sink, struct err *err)
{
    sink->started = true;
    if (sink->fd >= 0)
        sink->start = lseek(sink->fd, 0, SEEK_CUR);
    else
        sink->data_start = sink->data->len;
    begin_hash(&sink->hasher, sink->expected);
    int rc = 0;
    if (sink->have) {
        sink->start -= sink->have;
        if (sink->have > sink->size)
            return body_sink_restart(sink, err);
        rc = hash_kept(sink, err);
    }
    if (!rc)
        begin_large(sink);
    return rc;
}

int body_sink_restart(struct body_sink *sink, struct err *err)
{
    err_release(&sink->err);
    hashed_file_free(sink->large);
    sink->large = NULL;
    if (sink->fd < 0) {
        /* A buffer can be shortened only by clearing it. */
        AUTO_FREE char *kept = mem_dup_n(buf_text(sink->data), sink->data_start);
        buf_clear(sink->data);
        buf_add(sink->data, kept, sink->data_start);
    } else if (sink->at || sink->have) {
        if (sink->start < 0)
            return err_set(err, ERR_FAILED, "what it is written to cannot be written again");
        if (ftruncate(sink->fd, sink->start) != 0 || lseek(sink->fd, sink->start, SEEK_SET) < 0)
            return err_errno(err, "start its file again");
    }
    sink->at = sink->in_file = 0;
    sink->have = 0;
    sink->spoiled = sink->whole = false;
    sink->restarts++;
    begin_hash(&sink->hasher, sink->expected);
    begin_large(sink);
    return 0;
}

int body_sink_start(struct body_sink *sink, struct err *err)
{
    if (!sink->started)
        return first_start(sink, err);
    err_release(&sink->err);
    bool goes_on = !sink->spoiled && sink->fd >= 0 && sink->start >= 0 && sink->expected;
    return goes_on ? 0 : body_sink_restart(sink, err);
}

static bool write_large(struct body_sink *sink, const char *data, size_t len)
{
    long long before = hashed_file_written(sink->large);
    int rc = hashed_file_add(sink->large, data, len, &sink->err);
    sink->in_file += hashed_file_written(sink->large) - before;
    return rc == 0;
}

/* Waits until all bytes are hashed and in the file. */
static int flush_large(struct body_sink *sink, struct err *err)
{
    int rc = sink->large ? hashed_file_flush(sink->large, err) : 0;
    if (!rc && sink->fd >= 0)
        sink->in_file = sink->at;
    return rc;
}

bool body_sink_write(struct body_sink *sink, const char *data, size_t len)
{
    if (sink->size >= 0 && (long long)len > sink->size - sink->at) {
        err_set(&sink->err, ERR_DAMAGED, "the registry sends more than its %lld bytes", sink->size);
        sink->spoiled = true;
        return false;
    }
    sink->at += (long long)len;
    if (sink->large)
        return write_large(sink, data, len);
    if (sink->expected)
        hasher_update(sink->hasher, data, len);
    if (sink->fd >= 0) {
        if (file_write_all(sink->fd, data, len, "its file", &sink->err) != 0)
            return false;
        sink->in_file += (long long)len;
        return true;
    }
    buf_add(sink->data, data, len);
    if (!buf_overflowed(sink->data))
        return true;
    err_set(&sink->err, ERR_DAMAGED, "it is larger than %zu bytes", sink->data->max);
    return false;
}

int body_sink_finish(struct body_sink *sink, struct err *err)
{
    int rc = flush_large(sink, err);
    if (rc)
        return rc;
    if (sink->size >= 0 && sink->at != sink->size)
        return err_set(err, ERR_DAMAGED, "%lld bytes came of its %lld", sink->at, sink->size);
    rc = check_hash(sink->hasher, sink->expected, err);
    sink->spoiled = rc != 0;
    sink->whole = rc == 0;
    return rc;
}

void body_sink_release(struct body_sink *sink)
{
    (void)flush_large(sink, ERR_IGNORED); /* a later run may go on with the bytes of the file */
    hashed_file_free(sink->large);
    sink->large = NULL;
    hasher_free(sink->hasher);
    sink->hasher = NULL;
    err_release(&sink->err);
}
