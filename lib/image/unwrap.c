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
#include "base/tar_packing.h"
#include "image/media_type.h"

enum { PIECE = 64 * 1024 };

static const char wasm_magic[4] = {0, 'a', 's', 'm'};

void unwrapped_release(struct unwrapped *unwrapped)
{
    free(unwrapped->entry);
    free(unwrapped->note);
    buf_release(&unwrapped->runtime_config);
    *unwrapped = (struct unwrapped){0};
}

/* --- The kind of a layer --- */

/* Takes the first bytes of a stream, and then stops it. */
struct first_bytes {
    char data[512];
    size_t len;
};

static int take_first(void *arg, const void *data, size_t len, struct err *err)
{
    (void)err;
    struct first_bytes *first = arg;
    size_t room = sizeof(first->data) - first->len;
    size_t take = len < room ? len : room;
    memcpy(first->data + first->len, data, take);
    first->len += take;
    return first->len == sizeof(first->data);
}

static int read_first(int layer, const char *shown, enum tar_packing packing,
                      struct first_bytes *first, struct err *err)
{
    if (packing == TAR_PLAIN) {
        ssize_t got = pread(layer, first->data, sizeof(first->data), 0);
        if (got < 0)
            return err_errno(err, "read %s", shown);
        first->len = (size_t)got;
        return 0;
    }
    AUTO(tar_close_at) struct tar_reader *reader = NULL;
    int rc = tar_open_stream(layer, shown, UNWRAP_REST_MAX, &reader, err);
    struct tar_entry entry;
    bool more = false;
    if (!rc)
        rc = tar_next(reader, &entry, &more, err);
    if (!rc && more)
        rc = tar_each_piece(reader, UNWRAP_REST_MAX, take_first, first, err);
    return rc < 0 ? rc : 0; /* 1: it was stopped */
}

/* The magic of a tar's first header (POSIX.1-2008, pax, "ustar Interchange Format"); archives from
 * before it are told by their media type alone. */
static bool has_tar_magic(const struct first_bytes *first)
{
    return first->len >= 262 && memcmp(first->data + 257, "ustar", 5) == 0;
}

static bool is_some_tar(enum wrapping wrapping)
{
    return wrapping == WRAP_TAR || wrapping == WRAP_TAR_GZIP || wrapping == WRAP_TAR_ZSTD;
}

static int refuse_content(const struct first_bytes *first, enum tar_packing packing,
                          const char *shown, struct err *err)
{
    static const char *const names[] = {[TAR_PLAIN] = "", [TAR_GZIP] = "gzip", [TAR_ZSTD] = "zstd"};
    static const char hint[] = "neither a wasm nor a tar archive, plain or compressed by gzip or "
                               "zstd: ask who pushed it";
    enum tar_packing inner = tar_packing_of(first->data, first->len);
    const char *unread = tar_unread_format(first->data, first->len);
    if (!first->len)
        return err_set(err, ERR_NOT_FOUND, "%s: it is empty: %s", shown, hint);
    if (packing != TAR_PLAIN && inner != TAR_PLAIN)
        return err_set(err, ERR_DAMAGED, "%s: it is compressed twice, %s in %s: %s", shown,
                       names[inner], names[packing], hint);
    if (unread)
        return err_set(err, ERR_DAMAGED, "%s: it is %s: %s", shown, unread, hint);
    return err_set(err, ERR_DAMAGED, "%s: unknown content: %s", shown, hint);
}

int unwrap_look(int layer, const char *shown, enum wrapping declared, enum wrapping *out,
                struct err *err)
{
    static const enum wrapping wasm_as[] = {
        [TAR_PLAIN] = WRAP_RAW, [TAR_GZIP] = WRAP_GZIP, [TAR_ZSTD] = WRAP_ZSTD};
    static const enum wrapping tar_as[] = {
        [TAR_PLAIN] = WRAP_TAR, [TAR_GZIP] = WRAP_TAR_GZIP, [TAR_ZSTD] = WRAP_TAR_ZSTD};
    enum tar_packing packing = TAR_PLAIN;
    struct first_bytes first = {.len = 0};
    int rc = tar_look(layer, shown, &packing, err);
    if (!rc)
        rc = read_first(layer, shown, packing, &first, err);
    if (rc)
        return rc;
    if (first.len >= sizeof(wasm_magic) && memcmp(first.data, wasm_magic, 4) == 0)
        *out = wasm_as[packing];
    else if (has_tar_magic(&first) || (is_some_tar(declared) && first.len == sizeof(first.data) &&
                                       !tar_unread_format(first.data, first.len) &&
                                       tar_packing_of(first.data, first.len) == TAR_PLAIN))
        *out = tar_as[packing];
    else
        return refuse_content(&first, packing, shown, err);
    return 0;
}

/* --- Taking the wasm out --- */

/* Where the wasm goes: hashed, counted, and written when there is a descriptor. */
struct sink {
    struct hasher *hasher;
    const char *shown;
    long long size, max;
    int fd;       /* -1: nowhere */
    char head[8]; /* its first bytes */
};

static int too_large(const struct sink *sink, struct err *err)
{
    return err_set(err, ERR_DAMAGED,
                   "%s: the wasm has more than %lld bytes, the limit: raise it with --max-size",
                   sink->shown, sink->max);
}

static int take_wasm(void *arg, const void *data, size_t len, struct err *err)
{
    struct sink *sink = arg;
    if ((long long)len > sink->max - sink->size)
        return too_large(sink, err);
    for (size_t i = 0; i < len && sink->size + (long long)i < (long long)sizeof(sink->head); i++)
        sink->head[sink->size + (long long)i] = ((const char *)data)[i];
    hasher_update(sink->hasher, data, len);
    sink->size += (long long)len;
    int rc = stop_check(err);
    if (rc)
        return rc;
    return sink->fd < 0 ? 0 : file_write_all(sink->fd, data, len, "the wasm", err);
}

static int copy_raw(int layer, struct sink *sink, struct err *err)
{
    struct stat info;
    if (fstat(layer, &info) != 0)
        return err_errno(err, "stat %s", sink->shown);
    if (info.st_size > sink->max)
        return too_large(sink, err);
    AUTO_FREE char *piece = mem_alloc(PIECE);
    for (;;) {
        ssize_t got = pread(layer, piece, PIECE, sink->size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(err, "read %s", sink->shown);
        if (got == 0)
            return 0;
        int rc = take_wasm(sink, piece, (size_t)got, err);
        if (rc)
            return rc;
    }
}

static long long total_max(long long max)
{
    return max > INT64_MAX - UNWRAP_REST_MAX ? INT64_MAX : max + UNWRAP_REST_MAX;
}

static int copy_stream(int layer, struct sink *sink, struct err *err)
{
    AUTO(tar_close_at) struct tar_reader *reader = NULL;
    int rc = tar_open_stream(layer, sink->shown, total_max(sink->max), &reader, err);
    struct tar_entry entry;
    bool more = false;
    if (!rc)
        rc = tar_next(reader, &entry, &more, err);
    return rc ? rc : tar_each_piece(reader, INT64_MAX, take_wasm, sink, err);
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_wasm_name(const char *path)
{
    const char *base = base_of(path);
    size_t len = strlen(base);
    return len > 5 && strcmp(base + len - 5, ".wasm") == 0 && !whiteout_is_one(base);
}

/* The findings of a walk over a tar. */
struct walk {
    size_t plugin, only;           /* the entries' numbers from 1; 0: none */
    size_t wasm_files;             /* *.wasm files besides */
    bool masked;                   /* before it, something else was called plugin.wasm */
    bool hidden;                   /* a layer above deletes a wasm of this one */
    const struct whiteouts *above; /* or NULL */
    struct whiteouts own;
    bool own_overflow;
    char *plugin_name, *only_name;
};

static void walk_release(struct walk *walk)
{
    free(walk->plugin_name);
    free(walk->only_name);
    whiteouts_release(&walk->own);
}

static int look_at_entry(struct tar_reader *reader, const struct tar_entry *entry, size_t number,
                         struct walk *walk, struct unwrapped *out, struct err *err)
{
    const char *base = base_of(entry->name);
    bool is_wasm = is_wasm_name(entry->name);
    if (walk->above && (is_wasm || strcmp(base, ENTRY_CONFIG) == 0) &&
        whiteouts_hide(walk->above, entry->name)) {
        walk->hidden = walk->hidden || is_wasm;
        return 0;
    }
    if (!entry->is_regular) {
        walk->masked = walk->masked || (!walk->plugin && strcmp(base, ENTRY_WASM) == 0);
        return 0;
    }
    if (strcmp(base, ENTRY_WASM) == 0 && !walk->plugin) {
        walk->plugin = number;
        walk->plugin_name = mem_dup(entry->name);
    } else if (is_wasm) {
        if (walk->wasm_files++ == 0) {
            walk->only = number;
            walk->only_name = mem_dup(entry->name);
        }
    } else if (strcmp(base, ENTRY_CONFIG) == 0 && !out->has_runtime) {
        out->has_runtime = true;
        return tar_read(reader, &out->runtime_config, err);
    }
    return 0;
}

static int walk_tar(int layer, const char *shown, long long max, struct walk *walk,
                    struct unwrapped *out, struct err *err)
{
    AUTO(tar_close_at) struct tar_reader *reader = NULL;
    int rc = tar_open(layer, shown, total_max(max), &reader, err);
    for (size_t number = 1; !rc; number++) {
        struct tar_entry entry;
        bool more = false;
        rc = tar_next(reader, &entry, &more, err);
        if (rc || !more)
            break;
        rc = look_at_entry(reader, &entry, number, walk, out, err);
        if (!rc && walk->above && whiteouts_note(&walk->own, entry.name, ERR_IGNORED) != 0)
            walk->own_overflow = true;
    }
    return rc;
}

/* Settles on an entry. */
static int choose(const struct walk *walk, const char *shown, size_t *number, struct unwrapped *out,
                  struct err *err)
{
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
                       "%s: it has no %s, and %zu other .wasm files: which is the filter is not "
                       "said",
                       shown, ENTRY_WASM, walk->wasm_files);
    *number = walk->only;
    out->entry = mem_dup(walk->only_name);
    out->note = mem_printf("the layer has no %s: took its only .wasm file, %s, which gateways will "
                           "not find",
                           ENTRY_WASM, walk->only_name);
    return 0;
}

static int copy_number(int layer, size_t number, struct sink *sink, long long *reach,
                       struct err *err)
{
    AUTO(tar_close_at) struct tar_reader *reader = NULL;
    int rc = tar_open(layer, sink->shown, total_max(sink->max), &reader, err);
    struct tar_entry entry = {.name = ""};
    bool more = true;
    for (size_t i = 0; !rc && more && i < number; i++)
        rc = tar_next(reader, &entry, &more, err);
    if (!rc && !more)
        return err_set(err, ERR_DAMAGED, "%s: it changed while it was read", sink->shown);
    if (!rc && entry.size > sink->max)
        return too_large(sink, err);
    if (!rc)
        rc = tar_each_piece(reader, INT64_MAX, take_wasm, sink, err);
    if (!rc)
        *reach = tar_position(reader);
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

static int copy_tar(int layer, struct sink *sink, struct whiteouts *deleted, bool by_rule,
                    struct unwrapped *out, struct err *err)
{
    AUTO(walk_release) struct walk walk = {.above = deleted};
    int rc = walk_tar(layer, sink->shown, sink->max, &walk, out, err);
    size_t number = 0;
    if (!rc)
        rc = choose(&walk, sink->shown, &number, out, err);
    if (by_rule && (rc == ERR_DAMAGED || (!rc && !out->by_rule)))
        return refuse_other(sink->shown, err);
    if (rc == ERR_NOT_FOUND && walk.own_overflow)
        return whiteouts_refuse(err);
    if (rc == ERR_NOT_FOUND && deleted && add_whiteouts(&walk.own, deleted, err) != 0)
        return ERR_DAMAGED;
    return rc ? rc : copy_number(layer, number, sink, &out->reach, err);
}

static int unwrap(int layer, const struct form_found *found, struct sink *sink,
                  struct whiteouts *deleted, struct unwrapped *got, struct err *err)
{
    int rc = unwrap_look(layer, sink->shown, found->wrapping, &got->wrapping, err);
    if (found->before_wasm && (rc == ERR_DAMAGED || (!rc && got->wrapping != WRAP_TAR_GZIP)))
        return refuse_other(sink->shown, err);
    if (rc)
        return rc;
    if (got->wrapping == WRAP_RAW)
        return copy_raw(layer, sink, err);
    return is_some_tar(got->wrapping) ? copy_tar(layer, sink, deleted, found->before_wasm, got, err)
                                      : copy_stream(layer, sink, err);
}

int unwrap_wasm(int layer, const char *shown, enum wrapping declared, int wasm, long long max,
                struct unwrapped *out, struct err *err)
{
    const struct form_found found = {.wrapping = declared};
    return unwrap_found(layer, shown, &found, wasm, max, NULL, out, err);
}

int unwrap_found(int layer, const char *shown, const struct form_found *found, int wasm,
                 long long max, struct whiteouts *deleted, struct unwrapped *out, struct err *err)
{
    AUTO(unwrapped_release) struct unwrapped got = {.runtime_config = BUF_INIT(RUNTIME_CONFIG_MAX)};
    AUTO(hasher_free_at) struct hasher *hasher = NULL;
    int rc = hasher_new(&hasher, err);
    struct sink sink = {.hasher = hasher, .shown = shown, .max = max, .fd = wasm};
    if (!rc)
        rc = unwrap(layer, found, &sink, deleted, &got, err);
    if (rc)
        return rc;
    got.size = sink.size;
    got.is_wasm = sink.size >= 8 && memcmp(sink.head, wasm_magic, sizeof(wasm_magic)) == 0;
    hasher_finish(hasher, &got.digest);
    *out = got;
    got = (struct unwrapped){.wrapping = WRAP_RAW};
    return 0;
}
