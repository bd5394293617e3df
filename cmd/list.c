/* wasme list: the images of the local store. */
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/settings.h"
#include "cmd/table.h"

enum { SHORT_TAG = 32, SHORT_DIGEST = 8, JSON_MAX = 256 * 1024 * 1024 };

struct list_args {
    bool wide;
    bool show_dir;
    bool json;
    const char *store;
};

struct row {
    char *ref;
    char *name; /* registry/repository */
    char *tag;  /* the tag, or the digest of a reference without one */
    char *dir;
    struct digest digest;
    long long size;
    time_t updated;
};

struct rows {
    struct row *items;
    size_t count;
};

static void rows_release(struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        free(rows->items[i].ref);
        free(rows->items[i].name);
        free(rows->items[i].tag);
        free(rows->items[i].dir);
    }
    free(rows->items);
}

static void split_ref(const char *ref, struct row *row)
{
    const char *at = strchr(ref, '@');
    const char *end = at ? at : ref + strlen(ref);
    const char *slash = memrchr(ref, '/', (size_t)(end - ref));
    const char *name_end = slash ? slash : ref;
    const char *colon = memchr(name_end, ':', (size_t)(end - name_end));
    row->name = mem_dup_n(ref, (size_t)((colon ? colon : end) - ref));
    row->tag = colon ? mem_dup_n(colon + 1, (size_t)(end - colon - 1)) : mem_dup(at ? at + 1 : "");
}

static int collect(void *arg, const struct store_image *image)
{
    struct rows *rows = arg;
    size_t n = rows->count;
    if ((n & (n - 1)) == 0)
        rows->items = mem_resize(rows->items, n ? 2 * n : 1, sizeof(*rows->items));
    struct row *row = &rows->items[rows->count++];
    *row = (struct row){.ref = mem_dup(image->ref),
                        .dir = mem_dup(image->dir),
                        .digest = image->layer.digest,
                        .size = image->layer.size,
                        .updated = image->updated};
    split_ref(image->ref, row);
    return 0;
}

/* By name, then oldest first, as in the original; then by reference, so that the order is fixed. */
static int compare(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    if (!order)
        order = (x->updated > y->updated) - (x->updated < y->updated);
    return order ? order : strcmp(x->ref, y->ref);
}

static void add_row(struct table *table, const struct row *row, const struct list_args *args)
{
    char size[32], updated[64];
    table_size(row->size, size);
    table_time(row->updated, updated);
    const char *tag = row->tag;
    AUTO_FREE char *short_tag = NULL;
    if (!args->wide && strlen(tag) > SHORT_TAG) {
        size_t skip = strncmp(tag, "sha256:", 7) == 0 ? 7 : 0;
        tag = short_tag = mem_printf("%.*s...", SHORT_TAG, tag + skip);
    }
    AUTO_FREE char *digest =
        mem_dup_n(digest_hex(&row->digest), args->wide ? DIGEST_HEX_LEN : SHORT_DIGEST);
    table_add(table, row->name);
    table_add(table, tag);
    table_add(table, size);
    table_add(table, digest);
    table_add(table, updated);
    if (args->show_dir)
        table_add(table, row->dir);
}

static void print_table(const struct rows *rows, const struct list_args *args)
{
    static const char *const titles[] = {"NAME", "TAG", "SIZE", "SHA", "UPDATED", "DIRECTORY"};
    AUTO(table_release) struct table table;
    table_init(&table, args->show_dir ? 6 : 5);
    for (size_t i = 0; i < table.columns; i++)
        table_add(&table, titles[i]);
    for (size_t i = 0; i < rows->count; i++)
        add_row(&table, &rows->items[i], args);
    table_print(&table, stdout);
}

static int print_json(const struct rows *rows, struct err *err)
{
    AUTO(buf_release) struct buf out = BUF_INIT(JSON_MAX);
    json_begin_array(&out);
    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->items[i];
        char stamp[32] = "";
        struct tm parts;
        if (gmtime_r(&row->updated, &parts))
            strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &parts);
        json_begin_object(&out);
        json_put_pair(&out, "reference", row->ref);
        json_put_pair(&out, "name", row->name);
        json_put_pair(&out, "tag", row->tag);
        json_key(&out, "size");
        json_put_int(&out, row->size);
        json_put_pair(&out, "wasmDigest", row->digest.text);
        json_put_pair(&out, "updated", stamp);
        json_put_pair(&out, "directory", row->dir);
        json_end_object(&out);
    }
    json_end_array(&out);
    if (buf_overflowed(&out))
        return err_set(err, ERR_FAILED, "the list is larger than %d bytes of JSON", JSON_MAX);
    puts(buf_text(&out));
    return 0;
}

static int list(const struct cli *cli, void *opaque, struct err *err)
{
    (void)cli;
    const struct list_args *args = opaque;
    AUTO(store_close_at) struct store *store = NULL;
    AUTO(rows_release) struct rows rows = {0};
    int rc = settings_store(args->store, &store, err);
    if (!rc)
        rc = store_each(store, collect, &rows, &log_notice, err);
    if (rc)
        return rc;
    if (rows.count)
        qsort(rows.items, rows.count, sizeof(*rows.items), compare);
    if (args->json)
        return print_json(&rows, err);
    print_table(&rows, args);
    return 0;
}

static const struct option options[] = {
    OPT_FLAG(struct list_args, wide, 'w', "wide", "show tags and digests in full"),
    OPT_FLAG(struct list_args, show_dir, 'd', "show-dir", "show the folder of each image"),
    OPT_FLAG(struct list_args, json, 0, "json", "print JSON instead of a table"),
    STORE_OPTION(struct list_args, store),
    OPT_END,
};

extern const struct command list_command;
const struct command list_command = {
    .name = "list",
    .synopsis = "",
    .summary = "list the images of the local store",
    .details = "SHA is the beginning of filter.wasm's own digest, not of the image's manifest.",
    .options = options,
    .args_size = sizeof(struct list_args),
    .run = list,
};
