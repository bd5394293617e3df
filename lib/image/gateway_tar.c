#include "image/gateway_tar.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "image/gateway.h"
#include "image/gateway_gzip.h"
#include "image/gateway_header.h"
#include "image/media_type.h"
#include "image/wrapping.h"

void gateway_found_release(struct gateway_found *found)
{
    free(found->fault);
    free(found->name);
    *found = (struct gateway_found){.fault = NULL};
}

/* The parts of a tar that the search comes through. */
enum part {
    PART_HEADER,    /* a block is filled */
    PART_META,      /* bytes that extend the next header */
    PART_EXTENSION, /* blocks with the rest of an old sparse map */
    PART_REST,      /* bytes that are passed over */
    PART_WASM,
};

/* The search, which gets the decompressed bytes piece by piece. */
struct search {
    int wasm;
    enum part part;
    unsigned char block[TAR_BLOCK];
    size_t filled;      /* bytes of the block that are there */
    long long left;     /* bytes of the part that are to come; a block has its own count */
    long long padding;  /* after the part */
    long long position; /* decompressed bytes so far */
    bool zero;          /* a block of zeros has come: the first of the two at the end */
    struct tar_header header;
    struct tar_changes changes;
    struct buf meta;
    struct hasher *hasher;
    char head[8]; /* the first bytes of the wasm */
    char *other;  /* owned: the first other file that is a wasm by its name; or NULL */
    struct gateway_found found;
};

static void search_release(struct search *search)
{
    tar_header_release(&search->header);
    tar_changes_release(&search->changes);
    buf_release(&search->meta);
    hasher_free(search->hasher);
    free(search->other);
    gateway_found_release(&search->found);
}

enum { GO_ON = 0, SETTLED = 1 };

static int refuse(struct search *search, char *fault)
{
    free(search->found.fault);
    search->found.fault = fault;
    return SETTLED;
}

static int refuse_header(struct search *search)
{
    return refuse(search,
                  mem_dup("the tar in it is damaged (Go: archive/tar: invalid tar header)"));
}

/* The last element of a path, as filepath.Base() of Go has it: slashes at the end do not count. */
static bool is_plugin(const char *path)
{
    size_t len = strlen(path);
    while (len && path[len - 1] == '/')
        len--;
    size_t begin = len;
    while (begin && path[begin - 1] != '/')
        begin--;
    return len - begin == sizeof(ENTRY_WASM) - 1 &&
           memcmp(path + begin, ENTRY_WASM, len - begin) == 0;
}

static void pass_over(struct search *search, enum part part, long long size)
{
    search->part = part;
    search->left = size;
    search->padding = (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
}

static int end_wasm(struct search *search)
{
    search->found.is_wasm = search->found.size >= (long long)sizeof(search->head) &&
                            wrapping_is_wasm(search->head, sizeof(search->head));
    hasher_finish(search->hasher, &search->found.digest);
    return SETTLED;
}

static int begin_wasm(struct search *search)
{
    const struct tar_header *header = &search->header;
    if (header->is_sparse) {
        search->found.unsure = search->found.settles = true;
        return refuse(search,
                      mem_dup("the " ENTRY_WASM " in the last layer is a sparse file, and nobody "
                              "can tell how gateways read it"));
    }
    bool is_bare = tar_type_is_bare(header->type) || header->type == 'g';
    search->found.settles = !is_bare || header->size == 0 || header->type == 'g';
    if (is_bare)
        return refuse(search,
                      mem_printf("the first %s in the last layer is no file but %s, and "
                                 "has no bytes",
                                 ENTRY_WASM,
                                 header->type == '5'                          ? "a folder"
                                 : header->type == '1' || header->type == '2' ? "a link"
                                                                              : "a device"));
    search->found.name = mem_dup(header->name);
    search->found.size = header->size;
    if (header->size == 0)
        return end_wasm(search);
    pass_over(search, PART_WASM, header->size);
    return GO_ON;
}

/* An entry: the header, and what extended it. */
static int take_entry(struct search *search)
{
    struct tar_header *header = &search->header;
    if (is_plugin(header->name))
        return begin_wasm(search);
    size_t len = strlen(header->name);
    if (!search->other && len > 5 && strcmp(header->name + len - 5, ".wasm") == 0)
        search->other = mem_dup(header->name);
    pass_over(search, PART_REST, tar_type_is_bare(header->type) ? 0 : header->size);
    return GO_ON;
}

static int take_header(struct search *search)
{
    struct tar_header *header = &search->header;
    tar_header_release(header);
    bool is_zero = tar_block_is_zero(search->block);
    if (is_zero && search->zero)
        return refuse(search, NULL);
    if (is_zero) {
        search->zero = true;
        return GO_ON;
    }
    if (search->zero || !tar_header_read(search->block, header))
        return refuse_header(search);
    if (strchr("xgLK", header->type) && header->type) {
        if (header->size < 0 || header->size > GATEWAY_META_MAX)
            return refuse_header(search);
        buf_clear(&search->meta);
        pass_over(search, PART_META, header->size);
        return GO_ON;
    }
    if (!tar_header_change(header, &search->changes))
        return refuse_header(search);
    if (header->extended) {
        search->part = PART_EXTENSION;
        return GO_ON;
    }
    return take_entry(search);
}

/* Takes in what extends the next header. */
static int take_meta(struct search *search)
{
    struct tar_header *header = &search->header;
    const char *text = buf_text(&search->meta);
    if (header->type == 'L') {
        free(search->changes.gnu_name);
        search->changes.gnu_name = mem_dup(text);
    }
    if (header->type != 'x' && header->type != 'g')
        return GO_ON;
    /* Of two pax headers the second counts alone. */
    AUTO_FREE char *gnu_name = STEAL(search->changes.gnu_name);
    tar_changes_release(&search->changes);
    search->changes.gnu_name = STEAL(gnu_name);
    if (!tar_changes_read(text, search->meta.len, &search->changes))
        return refuse_header(search);
    if (header->type == 'x')
        return GO_ON;
    tar_changes_release(&search->changes); /* Go hands a global header on as an entry */
    return is_plugin(header->name) ? begin_wasm(search) : GO_ON;
}

static int end_part(struct search *search)
{
    enum part part = search->part;
    if (part == PART_WASM)
        return end_wasm(search);
    pass_over(search, PART_REST, search->padding);
    search->padding = 0;
    if (part == PART_META) {
        int rc = take_meta(search);
        if (rc)
            return rc;
    }
    if (!search->left)
        search->part = PART_HEADER;
    return GO_ON;
}

static int take_wasm(struct search *search, const char *data, size_t len, struct err *err)
{
    long long done = search->found.size - search->left;
    for (size_t i = 0; i < len && done + (long long)i < (long long)sizeof(search->head); i++)
        search->head[done + (long long)i] = data[i];
    hasher_update(search->hasher, data, len);
    return search->wasm < 0 ? 0 : file_write_all(search->wasm, data, len, "the wasm", err);
}

/* Takes bytes of the part in, and as many as the part wants; how many stands in `*taken`. */
static int take_some(struct search *search, const char *data, size_t len, size_t *taken,
                     struct err *err)
{
    bool is_block = search->part == PART_HEADER || search->part == PART_EXTENSION;
    long long want = is_block ? (long long)(TAR_BLOCK - search->filled) : search->left;
    *taken = (long long)len < want ? len : (size_t)want;
    if (is_block) {
        memcpy(search->block + search->filled, data, *taken);
        search->filled += *taken;
        if (search->filled < TAR_BLOCK)
            return GO_ON;
        search->filled = 0;
        if (search->part == PART_HEADER)
            return take_header(search);
        return search->block[TAR_BLOCK - 8] ? GO_ON : take_entry(search);
    }
    int rc = search->part == PART_WASM ? take_wasm(search, data, *taken, err) : 0;
    if (search->part == PART_META)
        buf_add(&search->meta, data, *taken);
    search->left -= (long long)*taken;
    return rc;
}

static int take_piece(void *arg, const void *data, size_t len, struct err *err)
{
    struct search *search = arg;
    const char *at = data;
    long long room = GATEWAY_READ_MAX - search->position;
    size_t rest = (long long)len < room ? len : (size_t)room;
    search->position += (long long)len;
    int rc = GO_ON;
    while (!rc && rest) {
        size_t taken = 0;
        rc = take_some(search, at, rest, &taken, err);
        at += taken;
        rest -= taken;
        /* A part without bytes ends at once. */
        while (!rc && search->part != PART_HEADER && search->part != PART_EXTENSION &&
               !search->left)
            rc = end_part(search);
    }
    if (!rc && search->position >= GATEWAY_READ_MAX)
        rc = refuse(search, mem_printf("no " ENTRY_WASM " ends within the first %lld bytes of the "
                                       "tar, and no more are read",
                                       GATEWAY_READ_MAX));
    return rc;
}

/* Says what a layer is that is not gzip. */
static char *name_content(int layer, const char *shown)
{
    AUTO(err_release) struct err err = ERR_INIT;
    enum wrapping wrapping = WRAP_RAW;
    if (wrapping_look(layer, shown, WRAP_TAR_GZIP, &wrapping, &err) == 0)
        return mem_printf("the last layer is typed as tar+gzip, and is %s",
                          wrapping_name(wrapping));
    return mem_printf("the last layer is typed as tar+gzip, and %s", err_text(&err));
}

/* The reason why the bytes, as many as there are, do not have the module. */
static char *conclude(const struct search *search, enum gunzip_end end)
{
    bool between = search->part == PART_HEADER && !search->filled;
    if (end == GUNZIP_DAMAGED && search->position)
        return mem_dup("the last layer is damaged before the end of its " ENTRY_WASM
                       ", if it has one (Go: gzip or flate: corrupt input)");
    if (end == GUNZIP_CUT || (end == GUNZIP_WHOLE && !between))
        return mem_dup("the last layer is cut short before the end of its " ENTRY_WASM
                       ", if it has one (Go: unexpected EOF)");
    return mem_printf("the last layer has no " ENTRY_WASM "%s%s%s (the gateway says: " ENTRY_WASM
                      " not found in the archive)",
                      search->other ? ", and " : "", search->other ? search->other : "",
                      search->other ? " is not looked for" : "");
}

int gateway_tar_find(int layer, const char *shown, int wasm, struct gateway_found *out,
                     struct err *err)
{
    AUTO(search_release)
    struct search search = {
        .wasm = wasm, .meta = BUF_INIT(GATEWAY_META_MAX), .hasher = hasher_new()};
    struct gateway_found *found = &search.found;
    enum gunzip_end end = GUNZIP_WHOLE;
    int rc = gateway_gunzip(layer, shown, take_piece, &search, &end, err);
    if (rc)
        return rc;
    bool taken = found->digest.text[0];
    if (!taken && !found->fault)
        found->fault = end == GUNZIP_STOPPED || search.position || end == GUNZIP_WHOLE
                           ? conclude(&search, end)
                           : name_content(layer, shown);
    *out = *found;
    *found = (struct gateway_found){.fault = NULL};
    return 0;
}
