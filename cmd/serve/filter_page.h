/* The page of one filter: an image of the store, or a file. */
#ifndef WASME_CMD_SERVE_FILTER_PAGE_H
#define WASME_CMD_SERVE_FILTER_PAGE_H

#include "cmd/inspected.h"
#include "cmd/serve/self.h"
#include "cmd/serve/page.h"
#include "image/manifest.h"

/* All is lent. */
struct filter_view {
    const struct self *self;
    const struct page_step *steps; /* to the page */
    const char *title;             /* a full reference, or the name of a file */
    const char *name;              /* NAME:TAG in the served registry; NULL: none */
    const char *path;              /* the best path of the wasm: "/<sha256>", "/filter.wasm" */
    const char *other_path;        /* a path that stays when the wasm changes; or NULL */
    const char *plugin_path;       /* "/plugins/..."; or NULL */
    const char *const *files;      /* names below this page, up to a NULL */
    time_t updated;
    const struct inspected *in;
    const char *fault;               /* why the wasm could not be read as a module; or NULL */
    int fd;                          /* of the wasm */
    const struct manifest *manifest; /* of an image; or NULL */
    char md5[MD5_HEX_LEN + 1];       /* of the wasm */
};

void filter_page(const struct filter_view *view, struct server_reply *out);
void filter_page_json(const struct filter_view *view, struct server_reply *out);

/* A name for metadata.name: a label of DNS (RFC 1123) made from the last part of a reference or of
 * a file's name; "filter" when nothing is left. `out` has 64 bytes. */
void filter_label(const char *title, char out[64]);

#endif
