/* A folder as a source of `wasme serve`. */
#ifndef WASME_CMD_SERVE_FOLDER_H
#define WASME_CMD_SERVE_FOLDER_H

#include "cmd/serve/listing.h"

/* A folder, and the files and folders below it. Names that begin with a dot are hidden, except
 * .well-known at the top (RFC 8615). */
struct serve_folder {
    int fd;
    struct serve_listing *listing;
};
int serve_folder_resolve(void *folder, const char *path, struct server_reply *out, struct err *err);

#endif
