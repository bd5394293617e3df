/* A file as a reply of the HTTP server, and one file alone as all that is served. */
#ifndef WASME_CMD_SERVE_FILE_H
#define WASME_CMD_SERVE_FILE_H

#include "server/reply.h"

/*
 * Makes a file the reply: its size, time, and an entity tag of its size, times and inode. `fd` must
 * be a regular file; it belongs to the reply when the call succeeds.
 */
int serve_file(int fd, const char *name, struct server_reply *out, struct err *err);

/* One file, by its own name and as /filter.wasm; the file is opened anew for each request. */
struct serve_one {
    const char *path;
};
int serve_one_resolve(void *one, const char *path, struct server_reply *out, struct err *err);

#endif
