#include "registry/body.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

static int begin_hash(struct hasher **hasher, const struct digest *expected, struct err *err)
{
    struct digest unused;
    if (*hasher)
        hasher_finish(*hasher, &unused); /* which makes it as new */
    else if (expected)
        return hasher_new(hasher, err);
    return 0;
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
    int rc = begin_hash(&source->hasher, source->expected, err);
    if (!rc && source->size == 0)
        rc = check_hash(source->hasher, source->expected, err);
    return rc;
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

long body_source_read(struct body_source *source, char *to, size_t room)
{
    long long left = source->size - source->at;
    if (left == 0)
        return 0;
    long got = take(source, to, (long long)room < left ? room : (size_t)left);
    if (got < 0)
        return -1;
    if (source->expected)
        hasher_update(source->hasher, to, (size_t)got);
    source->at += got;
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

static void first_start(struct body_sink *sink)
{
    sink->started = true;
    if (sink->fd >= 0)
        sink->start = lseek(sink->fd, 0, SEEK_CUR);
    else
        sink->data_start = sink->data->len;
}

static int start_again(struct body_sink *sink, struct err *err)
{
    if (sink->fd < 0) {
        /* A buffer has no way back but through its own functions. */
        AUTO_FREE char *kept = mem_dup_n(buf_text(sink->data), sink->data_start);
        buf_clear(sink->data);
        buf_add(sink->data, kept, sink->data_start);
        return 0;
    }
    if (sink->at == 0)
        return 0;
    if (sink->start < 0)
        return err_set(err, ERR_FAILED, "what it is written to cannot be written again");
    if (ftruncate(sink->fd, sink->start) != 0 || lseek(sink->fd, sink->start, SEEK_SET) < 0)
        return err_errno(err, "start its file again");
    return 0;
}

int body_sink_start(struct body_sink *sink, struct err *err)
{
    int rc = sink->started ? start_again(sink, err) : 0;
    if (rc)
        return rc;
    if (!sink->started)
        first_start(sink);
    sink->at = 0;
    err_release(&sink->err);
    return begin_hash(&sink->hasher, sink->expected, err);
}

bool body_sink_write(struct body_sink *sink, const char *data, size_t len)
{
    if (sink->size >= 0 && (long long)len > sink->size - sink->at) {
        err_set(&sink->err, ERR_DAMAGED, "the registry sends more than its %lld bytes", sink->size);
        return false;
    }
    if (sink->expected)
        hasher_update(sink->hasher, data, len);
    sink->at += (long long)len;
    if (sink->fd >= 0)
        return file_write_all(sink->fd, data, len, "its file", &sink->err) == 0;
    buf_add(sink->data, data, len);
    if (!buf_overflowed(sink->data))
        return true;
    err_set(&sink->err, ERR_DAMAGED, "it is larger than %zu bytes", sink->data->max);
    return false;
}

int body_sink_finish(struct body_sink *sink, struct err *err)
{
    if (sink->size >= 0 && sink->at != sink->size)
        return err_set(err, ERR_DAMAGED, "%lld bytes came of its %lld", sink->at, sink->size);
    return check_hash(sink->hasher, sink->expected, err);
}

void body_sink_release(struct body_sink *sink)
{
    hasher_free(sink->hasher);
    sink->hasher = NULL;
    err_release(&sink->err);
}
