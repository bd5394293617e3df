#include "image/unwrap.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/tar.h"
#include "image/media_type.h"

enum { PIECE = 64 * 1024 };

void unwrapped_release(struct unwrapped *unwrapped)
{
    free(unwrapped->entry);
    free(unwrapped->note);
    buf_release(&unwrapped->runtime_config);
    *unwrapped = (struct unwrapped){0};
}

/* The work on one request. */
struct unwrapping {
    const struct unwrap_request *request;
    struct hasher *hasher; /* of the wasm that has come so far */
    long long size;        /* of that */
    char head[8];          /* the first bytes of the wasm */
    struct unwrapped got;
};

static void unwrapping_release(struct unwrapping *work)
{
    hasher_free(work->hasher);
    unwrapped_release(&work->got);
}

static int refuse_size(const struct unwrapping *work, struct err *err)
{
    return err_set(err, ERR_DAMAGED,
                   "%s: the wasm has more than %lld bytes, the limit: raise it with --max-size",
                   work->request->shown, work->request->max);
}

static int take_wasm(void *arg, const void *data, size_t len, struct err *err)
{
    struct unwrapping *work = arg;
    if ((long long)len > work->request->max - work->size)
        return refuse_size(work, err);
    for (size_t i = 0; i < len && work->size + (long long)i < (long long)sizeof(work->head); i++)
        work->head[work->size + (long long)i] = ((const char *)data)[i];
    hasher_update(work->hasher, data, len);
    work->size += (long long)len;
    int rc = stop_check(err);
    if (rc)
        return rc;
    int wasm = work->request->wasm;
    return wasm < 0 ? 0 : file_write_all(wasm, data, len, "the wasm", err);
}

static int copy_raw(struct unwrapping *work, struct err *err)
{
    const struct unwrap_request *request = work->request;
    struct stat info;
    if (fstat(request->layer, &info) != 0)
        return err_errno(err, "stat %s", request->shown);
    if (info.st_size > request->max)
        return refuse_size(work, err);
    AUTO_FREE char *piece = mem_alloc(PIECE);
    for (;;) {
        ssize_t got = pread(request->layer, piece, PIECE, work->size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(err, "read %s", request->shown);
        if (got == 0)
            return 0;
        int rc = take_wasm(work, piece, (size_t)got, err);
        if (rc)
            return rc;
    }
}

/* Bytes that the layer may decompress to. */
static long long total_max(const struct unwrap_request *request)
{
    long long max = request->max;
    return max > INT64_MAX - LAYER_REST_MAX ? INT64_MAX : max + LAYER_REST_MAX;
}

static int copy_stream(struct unwrapping *work, struct err *err)
{
    const struct unwrap_request *request = work->request;
    AUTO(tar_close_at) struct tar_reader *reader = NULL;
    int rc = tar_open_stream(request->layer, request->shown, total_max(request), &reader, err);
    struct tar_entry entry;
    bool more = false;
    if (!rc)
        rc = tar_next(reader, &entry, &more, err);
    return rc ? rc : tar_each_piece(reader, INT64_MAX, take_wasm, work, err);
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Whether an entry that is no file has the name that gateways look for; a folder's has a slash at
 * its end. */
static bool is_mask(const char *path)
{
    size_t len = strlen(path);
    AUTO_FREE char *bare = mem_dup_n(path, len && path[len - 1] == '/' ? len - 1 : len);
    return strcmp(base_of(bare), ENTRY_WASM) == 0;
}

static bool is_wasm_name(const char *path)
{
    const char *base = base_of(path);
    size_t len = strlen(base);
    return len > 5 && strcmp(base + len - 5, ".wasm") == 0 && !whiteout_is_one(base);
}

/* The findings of a walk over a tar. */
struct tar_walk {
    size_t number;       /* of the entry that is looked at, from 1 */
    size_t plugin, only; /* the numbers of the entries that may be the wasm; 0: none */
    size_t wasm_files;   /* *.wasm files besides */
    bool masked;         /* before it, something else was called plugin.wasm */
    bool hidden;         /* a layer above deletes a wasm of this one */
    struct whiteouts own;
    bool own_overflow;
    char *plugin_name, *only_name;
};

static void walk_release(struct tar_walk *walk)
{
    free(walk->plugin_name);
    free(walk->only_name);
    whiteouts_release(&walk->own);
}

static int look_at_entry(struct unwrapping *work, struct tar_reader *reader,
                         const struct tar_entry *entry, struct tar_walk *walk, struct err *err)
{
    const struct whiteouts *deleted = work->request->deleted;
    const char *base = base_of(entry->name);
    bool is_wasm = is_wasm_name(entry->name);
    if (deleted && (is_wasm || strcmp(base, ENTRY_CONFIG) == 0) &&
        whiteouts_hide(deleted, entry->name)) {
        walk->hidden = walk->hidden || is_wasm;
        return 0;
    }
    if (!entry->is_regular) {
        walk->masked = walk->masked || (!walk->plugin && is_mask(entry->name));
        return 0;
    }
    if (strcmp(base, ENTRY_WASM) == 0 && !walk->plugin) {
        walk->plugin = walk->number;
        walk->plugin_name = mem_dup(entry->name);
    } else if (is_wasm) {
        if (walk->wasm_files++ == 0) {
            walk->only = walk->number;
            walk->only_name = mem_dup(entry->name);
        }
    } else if (strcmp(base, ENTRY_CONFIG) == 0 && !work->got.has_runtime) {
        work->got.has_runtime = true;
        return tar_read(reader, &work->got.runtime_config, err);
    }
    return 0;
}

static int walk_tar(struct unwrapping *work, struct tar_walk *walk, struct err *err)
{
    const struct unwrap_request *request = work->request;
    AUTO(tar_close_at) struct tar_reader *reader = NULL;
    int rc = tar_open(request->layer, request->shown, total_max(request), &reader, err);
    while (!rc) {
        struct tar_entry entry;
        bool more = false;
        rc = tar_next(reader, &entry, &more, err);
        if (rc || !more)
            break;
        walk->number++;
        rc = look_at_entry(work, reader, &entry, walk, err);
        if (!rc && request->deleted && whiteouts_note(&walk->own, entry.name, ERR_IGNORED) != 0)
            walk->own_overflow = true;
    }
    return rc;
}

/* Settles on an entry. */
static int choose(struct unwrapping *work, const struct tar_walk *walk, size_t *number,
                  struct err *err)
{
    const char *shown = work->request->shown;
    struct unwrapped *out = &work->got;
    if (walk->plugin) {
        *number = walk->plugin;
        out->entry = mem_dup(walk->plugin_name);
        out->by_rule = !walk->masked;
        if (walk->masked)
            out->note = mem_printf("something that is no file is called %s too, and comes before "
                                   "it: gateways fail on that",
                                   ENTRY_WASM);
        return 0;
    }
    if (walk->wasm_files == 0 && walk->hidden)
        return err_set(err, ERR_NOT_FOUND,
                       "%s: its wasm is deleted by a layer above it (a whiteout)", shown);
    if (walk->wasm_files == 0)
        return err_set(err, ERR_NOT_FOUND, "%s: it has no %s and no other .wasm file", shown,
                       ENTRY_WASM);
    if (walk->wasm_files > 1)
        return err_set(err, ERR_NOT_FOUND,
                       "%s: it has no %s, and %zu other .wasm files, and nothing says which of "
                       "them is the filter",
                       shown, ENTRY_WASM, walk->wasm_files);
    *number = walk->only;
    out->entry = mem_dup(walk->only_name);
    out->note = mem_printf("the layer has no %s: took its only .wasm file, %s, which gateways "
                           "will not find",
                           ENTRY_WASM, walk->only_name);
    return 0;
}

/* Copies the entry of that number. */
static int copy_entry(struct unwrapping *work, size_t number, struct err *err)
{
    const struct unwrap_request *request = work->request;
    AUTO(tar_close_at) struct tar_reader *reader = NULL;
    int rc = tar_open(request->layer, request->shown, total_max(request), &reader, err);
    struct tar_entry entry = {.name = ""};
    bool more = true;
    for (size_t i = 0; !rc && more && i < number; i++)
        rc = tar_next(reader, &entry, &more, err);
    if (!rc && !more)
        return err_set(err, ERR_DAMAGED, "%s: it changed while it was read", request->shown);
    if (!rc && entry.size > request->max)
        return refuse_size(work, err);
    if (!rc)
        rc = tar_each_piece(reader, INT64_MAX, take_wasm, work, err);
    if (!rc)
        work->got.reach = tar_position(reader);
    return rc;
}

static int add_whiteouts(const struct whiteouts *from, struct whiteouts *to, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < from->count; i++)
        rc = whiteouts_add(to, from->paths[i], err);
    return rc;
}

/* The message is shown only where the wasm layers do not settle the choice either. */
static int refuse_other(const char *shown, struct err *err)
{
    return err_set(err, ERR_NOT_FOUND,
                   "%s: gateways find no %s in it, and which of the wasm layers is the filter is "
                   "not said: push the one you want as an image of its own",
                   shown, ENTRY_WASM);
}

static int copy_tar(struct unwrapping *work, struct err *err)
{
    const struct unwrap_request *request = work->request;
    AUTO(walk_release) struct tar_walk walk = {0};
    size_t number = 0;
    int rc = walk_tar(work, &walk, err);
    if (!rc)
        rc = choose(work, &walk, &number, err);
    if (request->by_rule && (rc == ERR_DAMAGED || (!rc && !work->got.by_rule)))
        return refuse_other(request->shown, err);
    if (rc == ERR_NOT_FOUND && walk.own_overflow)
        return whiteouts_refuse(err);
    if (rc == ERR_NOT_FOUND && request->deleted &&
        add_whiteouts(&walk.own, request->deleted, err) != 0)
        return ERR_DAMAGED;
    return rc ? rc : copy_entry(work, number, err);
}

static int unwrap(struct unwrapping *work, struct err *err)
{
    const struct unwrap_request *request = work->request;
    enum wrapping *wrapping = &work->got.wrapping;
    int rc = wrapping_look(request->layer, request->shown, request->declared, wrapping, err);
    if (request->by_rule && (rc == ERR_DAMAGED || (!rc && *wrapping != WRAP_TAR_GZIP)))
        return refuse_other(request->shown, err);
    if (rc)
        return rc;
    if (*wrapping == WRAP_RAW)
        return copy_raw(work, err);
    return wrapping_is_tar(*wrapping) ? copy_tar(work, err) : copy_stream(work, err);
}

int unwrap_wasm(const struct unwrap_request *request, struct unwrapped *out, struct err *err)
{
    AUTO(unwrapping_release)
    struct unwrapping work = {.request = request,
                              .hasher = hasher_new(),
                              .got = {.runtime_config = BUF_INIT(RUNTIME_CONFIG_MAX)}};
    int rc = unwrap(&work, err);
    if (rc)
        return rc;
    work.got.size = work.size;
    work.got.is_wasm = work.size >= 8 && wrapping_is_wasm(work.head, sizeof(work.head));
    hasher_finish(work.hasher, &work.got.digest);
    *out = work.got;
    work.got = (struct unwrapped){.wrapping = WRAP_RAW};
    return 0;
}
