#include "cmd/archive_source.h"

#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/tar.h"
#include "image/layout.h"

/* What an archive may unpack to beside its blobs' own bounds: those of other images. */
#define ARCHIVE_MAX (64LL * 1024 * 1024 * 1024)

static int open_archive(const struct archive_source *source, struct tar_reader **out,
                        struct err *err)
{
    return tar_open(source->fd, source->shown, ARCHIVE_MAX, out, err);
}

/* "./index.json" is index.json. */
static const char *bare_name(const char *name)
{
    return strncmp(name, "./", 2) == 0 ? name + 2 : name;
}

static int read_index(struct archive_source *source, struct tar_reader *tar, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(MANIFEST_MAX);
    int rc = tar_read(tar, &text, err);
    if (!rc)
        rc = index_parse(buf_text(&text), text.len, &source->index, err);
    return rc ? err_wrap(err, "%s: " LAYOUT_INDEX, source->shown) : 0;
}

int archive_source_open(int fd, const char *shown, long long max_size, struct archive_source *out,
                        struct err *err)
{
    AUTO(tar_close_at) struct tar_reader *tar = NULL;
    *out = (struct archive_source){.fd = fd, .shown = shown, .max_size = max_size};
    int rc = open_archive(out, &tar, err);
    for (bool more = true; !rc;) {
        struct tar_entry entry;
        rc = tar_next(tar, &entry, &more, err);
        if (rc || !more)
            break;
        if (entry.is_regular && strcmp(bare_name(entry.name), LAYOUT_INDEX) == 0)
            return read_index(out, tar, err);
    }
    return rc ? rc
              : err_set(
                    err, ERR_DAMAGED,
                    "%s is no OCI layout archive: it has no " LAYOUT_INDEX
                    " (docker save writes one since version 25; wasme save, skopeo and oras do)",
                    shown);
}

void archive_source_release(struct archive_source *source)
{
    index_release(&source->index);
}

/* Calls `take` with the reader at each blob, and its digest. */
static int each_blob(struct archive_source *source,
                     int (*take)(void *arg, const char *hex, struct tar_reader *tar,
                                 struct err *err),
                     void *arg, struct err *err)
{
    AUTO(tar_close_at) struct tar_reader *tar = NULL;
    int rc = open_archive(source, &tar, err);
    while (!rc) {
        struct tar_entry entry;
        bool more = false;
        rc = tar_next(tar, &entry, &more, err);
        if (rc || !more)
            break;
        const char *name = bare_name(entry.name);
        if (entry.is_regular && strncmp(name, LAYOUT_BLOBS, strlen(LAYOUT_BLOBS)) == 0)
            rc = take(arg, name + strlen(LAYOUT_BLOBS), tar, err);
    }
    return rc;
}

struct manifests {
    struct registry_manifest_request *requests;
    size_t count;
};

/* What is read once serves all that ask for it. */
static void give_manifest(struct registry_manifest_request *request, const struct buf *text)
{
    struct digest found;
    int rc = digest_of(buf_text(text), text->len, &found, &request->err);
    if (!rc && !digest_equal(&found, &request->ref->digest))
        rc = err_set(&request->err, ERR_DAMAGED, "the archive's manifest %s hashes to %s",
                     request->ref->digest.text, found.text);
    request->rc = rc;
    if (rc)
        return;
    err_release(&request->err);
    request->manifest = (struct registry_manifest){
        .data = mem_dup_n(buf_text(text), text->len),
        .len = text->len,
        .media_type = mem_dup(""),
        .digest = found,
    };
}

static int take_manifest(void *arg, const char *hex, struct tar_reader *tar, struct err *err)
{
    const struct manifests *wanted = arg;
    AUTO(buf_release) struct buf text = BUF_INIT(MANIFEST_MAX);
    bool is_read = false;
    for (size_t i = 0; i < wanted->count; i++) {
        struct registry_manifest_request *request = &wanted->requests[i];
        if (!request->rc || strcmp(digest_hex(&request->ref->digest), hex) != 0)
            continue;
        int rc = is_read ? 0 : tar_read(tar, &text, err);
        if (rc)
            return rc;
        is_read = true;
        give_manifest(request, &text);
    }
    return 0;
}

static int archive_manifests(void *arg, struct registry_manifest_request *requests, size_t count,
                             struct err *err)
{
    struct archive_source *source = arg;
    struct manifests wanted = {requests, count};
    for (size_t i = 0; i < count; i++)
        requests[i].rc = err_set(&requests[i].err, ERR_NOT_FOUND, "%s has no blob %s",
                                 source->shown, requests[i].ref->digest.text);
    return each_blob(source, take_manifest, &wanted, err);
}

struct blobs {
    const struct archive_source *source;
    struct registry_sink *sinks;
    size_t count;
};

/* A part of a blob that an earlier run left is of no use here. */
static int begin_sink(const struct registry_sink *sink, struct err *err)
{
    if (sink->fd >= 0 && (ftruncate(sink->fd, 0) != 0 || lseek(sink->fd, 0, SEEK_SET) != 0))
        return err_errno(err, "write a blob");
    return 0;
}

static int check_sink(const struct registry_sink *sink, struct err *err)
{
    struct digest found;
    long long size = sink->fd >= 0 ? 0 : (long long)sink->data->len;
    int rc = sink->fd >= 0 ? digest_of_fd(sink->fd, &found, &size, err)
                           : digest_of(buf_text(sink->data), sink->data->len, &found, err);
    if (!rc && size != sink->descriptor->size)
        rc = err_set(err, ERR_DAMAGED, "the archive's blob %s has %lld bytes, not %lld",
                     sink->descriptor->digest.text, size, sink->descriptor->size);
    if (!rc && !digest_equal(&found, &sink->descriptor->digest))
        rc = err_set(err, ERR_DAMAGED, "the archive's blob %s hashes to %s",
                     sink->descriptor->digest.text, found.text);
    return rc;
}

static int fill_sink(const struct blobs *wanted, struct registry_sink *sink, struct tar_reader *tar)
{
    struct err *err = &sink->err;
    int rc = begin_sink(sink, err);
    if (!rc && sink->fd >= 0)
        rc = tar_copy(tar, sink->fd, wanted->source->max_size, err);
    else if (!rc)
        rc = tar_read(tar, sink->data, err);
    return rc ? rc : check_sink(sink, err);
}

static int take_blob(void *arg, const char *hex, struct tar_reader *tar, struct err *err)
{
    const struct blobs *wanted = arg;
    (void)err;
    for (size_t i = 0; i < wanted->count; i++) {
        struct registry_sink *sink = &wanted->sinks[i];
        if (!sink->rc || strcmp(digest_hex(&sink->descriptor->digest), hex) != 0)
            continue;
        err_release(&sink->err);
        sink->rc = fill_sink(wanted, sink, tar);
        return 0; /* the entry's bytes can be read once */
    }
    return 0;
}

static int archive_blobs(void *arg, struct registry_sink *sinks, size_t count, struct err *err)
{
    struct archive_source *source = arg;
    struct blobs wanted = {source, sinks, count};
    for (size_t i = 0; i < count; i++)
        sinks[i].rc = err_set(&sinks[i].err, ERR_NOT_FOUND, "%s has no blob %s", source->shown,
                              sinks[i].descriptor->digest.text);
    int rc = each_blob(source, take_blob, &wanted, err);
    for (size_t i = 0; !rc && i < count; i++)
        sinks[i].done(sinks[i].done_arg, &sinks[i]);
    return rc;
}

struct fetch_source fetch_from_archive(struct archive_source *source)
{
    return (struct fetch_source){archive_manifests, archive_blobs, source};
}
