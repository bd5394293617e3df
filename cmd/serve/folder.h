/* A folder as a source of `wasme serve`. */
#ifndef WASME_CMD_SERVE_FOLDER_H
#define WASME_CMD_SERVE_FOLDER_H

#include "base/beneath.h"
#include "cmd/serve/listing.h"

/* A folder, and the files and folders below it. Names that begin with a dot are hidden, except
 * .well-known at the top (RFC 8615). A link that leads out of the folder is not there, unless
 * `tree` follows links; a warning, at most one a second, names the link. */
struct serve_folder {
    struct beneath tree;
    struct serve_listing *listing;
    int64_t warn_again; /* clock_ms(): no warning before */
};
int serve_folder_resolve(void *folder, const struct server_request *request,
                         struct server_reply *out, struct err *err);

#endif
