#include "image/wrapping.h"

#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/tar.h"
#include "base/tar_packing.h"

const char *wrapping_name(enum wrapping wrapping)
{
    static const char *const names[] = {
        [WRAP_RAW] = "raw",           [WRAP_TAR] = "tar",   [WRAP_TAR_GZIP] = "tar+gzip",
        [WRAP_TAR_ZSTD] = "tar+zstd", [WRAP_GZIP] = "gzip", [WRAP_ZSTD] = "zstd",
    };
    return names[wrapping];
}

bool wrapping_is_tar(enum wrapping wrapping)
{
    return wrapping == WRAP_TAR || wrapping == WRAP_TAR_GZIP || wrapping == WRAP_TAR_ZSTD;
}

bool wrapping_is_wasm(const char *head, size_t len)
{
    static const char magic[4] = {0, 'a', 's', 'm'};
    return len >= sizeof(magic) && memcmp(head, magic, sizeof(magic)) == 0;
}

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
    int rc = tar_open_stream(layer, shown, LAYER_REST_MAX, &reader, err);
    struct tar_entry entry;
    bool more = false;
    if (!rc)
        rc = tar_next(reader, &entry, &more, err);
    if (!rc && more)
        rc = tar_each_piece(reader, LAYER_REST_MAX, take_first, first, err);
    return rc < 0 ? rc : 0; /* 1: it was stopped */
}

/* The magic of a tar's first header (POSIX.1-2008, pax, "ustar Interchange Format"); archives from
 * before it are told by their media type alone. */
static bool has_tar_magic(const struct first_bytes *first)
{
    return first->len >= 262 && memcmp(first->data + 257, "ustar", 5) == 0;
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

int wrapping_look(int layer, const char *shown, enum wrapping declared, enum wrapping *out,
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
    if (wrapping_is_wasm(first.data, first.len))
        *out = wasm_as[packing];
    else if (has_tar_magic(&first) ||
             (wrapping_is_tar(declared) && first.len == sizeof(first.data) &&
              !tar_unread_format(first.data, first.len) &&
              tar_packing_of(first.data, first.len) == TAR_PLAIN))
        *out = tar_as[packing];
    else
        return refuse_content(&first, packing, shown, err);
    return 0;
}
