#include "store/transit/archive_source.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "image/layout.h"
#include "image/manifest.h"

/* --- Opening --- */

static int read_index(struct archive_source *source, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(MANIFEST_MAX);
    int rc = archive_read(&source->archive, LAYOUT_INDEX, &text, err);
    if (rc)
        return rc;
    rc = index_parse(buf_text(&text), text.len, &source->index, err);
    return rc ? err_wrap(err, "%s: " LAYOUT_INDEX, source->archive.shown) : 0;
}

static bool has(const struct archive_source *source, const char *name)
{
    AUTO(archive_file_release) struct archive_file file = {.fd = -1};
    return archive_find(&source->archive, name, &file, ERR_IGNORED) != ERR_NOT_FOUND;
}

static int refuse_archive(const struct archive_source *source, struct err *err)
{
    const char *shown = source->archive.shown;
    if (has(source, DOCKER_ARCHIVE_OLD_LIST))
        return err_set(err, ERR_UNSUPPORTED,
                       "%s is an archive of Docker before 1.10, without " DOCKER_ARCHIVE_LIST
                       ": load it into a Docker of today, and save it there",
                       shown);
    return err_set(err, ERR_DAMAGED,
                   "%s is no OCI layout archive: it has no " LAYOUT_INDEX
                   ", and no " DOCKER_ARCHIVE_LIST
                   " of Docker's (wasme save, docker save, podman save, skopeo and oras write one)",
                   shown);
}

int archive_source_open(const char *path, long long max_size, const char *spool_dir,
                        struct archive_source *out, struct err *err)
{
    *out = (struct archive_source)ARCHIVE_SOURCE_INIT;
    out->max_size = max_size;
    long long max_file = max_size > MANIFEST_MAX ? max_size : MANIFEST_MAX;
    int rc = archive_open(path, max_file, spool_dir, &out->archive, err);
    if (rc)
        return rc;
    if (has(out, LAYOUT_INDEX))
        return read_index(out, err);
    if (has(out, DOCKER_ARCHIVE_LIST))
        return docker_archive_read(&out->archive, max_size, &out->made, &out->index, err);
    return refuse_archive(out, err);
}

void archive_source_release(struct archive_source *source)
{
    index_release(&source->index);
    made_blobs_release(&source->made);
    archive_release(&source->archive);
}

static int find_blob(const struct archive_source *source, const struct digest *digest,
                     struct archive_file *out, struct err *err)
{
    AUTO_FREE char *name = mem_printf(LAYOUT_BLOBS "%s", digest_hex(digest));
    const struct made_blob *made = made_blobs_find(&source->made, digest);
    if (made) {
        *out = (struct archive_file){dup(source->made.fd), made->at, made->size};
        return out->fd < 0 ? err_errno(err, "read %s", source->archive.shown) : 0;
    }
    int rc = archive_find(&source->archive, name, out, err);
    return rc == ERR_NOT_FOUND
               ? err_set(err, rc, "%s has no blob %s", source->archive.shown, digest->text)
               : rc;
}

static int add_piece(void *arg, const void *data, size_t len, struct err *err)
{
    (void)err;
    buf_add(arg, data, len);
    return 0;
}

/* Appends the whole blob to `out`. */
static int read_blob(const struct archive_source *source, const struct digest *digest,
                     struct buf *out, struct err *err)
{
    AUTO(archive_file_release) struct archive_file file = {.fd = -1};
    int rc = find_blob(source, digest, &file, err);
    if (!rc && file.size > (long long)(out->max - out->len))
        rc = err_set(err, ERR_DAMAGED, "blob %s has more than %zu bytes, the limit", digest->text,
                     out->max);
    return rc ? rc : archive_file_each(&file, add_piece, out, err);
}

/* --- Images that are no filters --- */

/* Whether cosign, or the fallback for the referrers API, keeps what belongs to an image by this
 * tag. */
static bool is_companion_tag(const char *tag)
{
    static const char hex[] = "0123456789abcdef";
    return tag && strncmp(tag, "sha256-", 7) == 0 && strspn(tag + 7, hex) == 64 &&
           (!tag[71] || tag[71] == '.');
}

static bool has_subject(const struct archive_source *source, const struct digest *digest)
{
    AUTO(buf_release) struct buf text = BUF_INIT(MANIFEST_MAX);
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    return read_blob(source, digest, &text, ERR_IGNORED) == 0 &&
           json_doc_parse(buf_text(&text), text.len, &doc, ERR_IGNORED) == 0 &&
           json_is_obj(json_member(doc, "subject"));
}

static bool is_named(const struct index_child *child)
{
    return child->image_name || child->ref_name;
}

static bool any_named(const struct archive_source *source)
{
    for (size_t i = 0; i < source->index.count; i++)
        if (is_named(&source->index.children[i]))
            return true;
    return false;
}

const char *archive_source_beside(const struct archive_source *source, size_t number)
{
    const struct index_child *child = &source->index.children[number];
    if (index_is_attestation(child))
        return "an attestation";
    if (is_companion_tag(child->ref_name) || has_subject(source, &child->descriptor.digest))
        return "it belongs to another image (a signature or the like)";
    if (!is_named(child) && source->index.count > 1 && any_named(source))
        return "it has no tag";
    return NULL;
}

/* --- The source --- */

static int get_manifest(const struct archive_source *source, struct registry_want *want)
{
    AUTO(buf_release) struct buf text = BUF_INIT(MANIFEST_MAX);
    const struct digest *digest = &want->ref->digest;
    struct digest found;
    int rc = read_blob(source, digest, &text, &want->err);
    digest_of(buf_text(&text), text.len, &found);
    if (!rc && !digest_equal(&found, digest))
        rc = err_set(&want->err, ERR_DAMAGED,
                     "the archive's manifest %s hashes to %s: write the archive again",
                     digest->text, found.text);
    if (rc)
        return rc;
    want->manifest = (struct registry_manifest){
        .data = mem_dup_n(buf_text(&text), text.len),
        .len = text.len,
        .media_type = mem_dup(""),
        .digest = found,
    };
    return 0;
}

static int write_piece(void *arg, const void *data, size_t len, struct err *err)
{
    return file_write_all(*(int *)arg, data, len, "a blob", err);
}

/* Fills the file from its start: bytes of the blob that an earlier run got are written again. */
static int fill_file(const struct archive_source *source, const struct registry_want *want,
                     struct err *err)
{
    AUTO(archive_file_release) struct archive_file file = {.fd = -1};
    int to = want->fd;
    int rc = find_blob(source, &want->blob->digest, &file, err);
    if (!rc && file.size > source->max_size)
        rc = err_set(err, ERR_DAMAGED,
                     "the archive's blob %s has %lld bytes: larger than %lld, see "
                     "--max-size",
                     want->blob->digest.text, file.size, source->max_size);
    if (!rc && (ftruncate(to, 0) != 0 || lseek(to, 0, SEEK_SET) != 0))
        rc = err_errno(err, "write a blob");
    return rc ? rc : archive_file_each(&file, write_piece, &to, err);
}

static int get_blob(const struct archive_source *source, struct registry_want *want)
{
    int rc = want->fd >= 0 ? fill_file(source, want, &want->err)
                           : read_blob(source, &want->blob->digest, want->data, &want->err);
    return rc ? rc : source_check_blob("the archive", want, &want->err);
}

static int get(void *arg, struct registry_want *want)
{
    return want->blob ? get_blob(arg, want) : get_manifest(arg, want);
}

static int fetch(void *arg, struct registry_wants *wants, struct err *err)
{
    (void)err;
    source_each(wants, get, arg);
    return 0;
}

struct image_source source_from_archive(struct archive_source *source)
{
    return (struct image_source){fetch, source};
}
