/* The rows of `wasme list`, of the local store or of a registry, and how they are shown. */
#ifndef WASME_CMD_LIST_ROWS_H
#define WASME_CMD_LIST_ROWS_H

#include <stdbool.h>
#include <time.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"

struct row {
    char *ref;              /* all owned */
    char *name;             /* registry/repository */
    char *tag;              /* the tag, or the digest of a reference without one */
    char *dir;              /* the image's folder; NULL: the image is not in the store */
    struct digest digest;   /* of the wasm; "": not known */
    struct digest manifest; /* only of a published image; "": not known */
    long long size;         /* -1: not known */
    time_t updated;         /* of a published image 0: not known */
};

struct rows {
    struct row *items;
    size_t count;
};

void rows_release(struct rows *rows); /* usable with AUTO() */
/* Adds a row, with the texts of the full reference. The row is lent until the next one is added. */
struct row *rows_add(struct rows *rows, const char *ref);
/* Sorts the rows by name, then oldest first, as the original does, then by reference. */
void rows_sort(struct rows *rows);

/* How the table is shown. */
struct rows_view {
    bool wide;
    bool show_dir;
};
void rows_print_table(const struct rows *rows, const struct rows_view *view);
/* Adds the members of a row to an object of JSON; a fact that is not known is left out. */
void row_put_members(const struct row *row, struct buf *out);
int rows_print_json(const struct rows *rows, struct err *err);

#endif
