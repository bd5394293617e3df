/* A file as a reply of the HTTP server, and a single file as a source of `wasme serve`. */
#ifndef WASME_CMD_SERVE_FILE_H
#define WASME_CMD_SERVE_FILE_H

#include "base/digest_cache.h"
#include "cmd/serve/self.h"
#include "server/reply.h"

/*
 * Makes a file the reply, with an entity tag of the file's size, times and inode. `fd` must be a
 * regular file; the reply owns `fd` when the call succeeds.
 */
int serve_file(int fd, const char *name, struct server_reply *out, struct err *err);

/* A single file, under its own name and as /filter.wasm, and its page; each request opens the file
 * again. */
struct serve_one {
    const char *path;
    const struct site *site;
    struct digest_cache *cache;
};
int serve_one_resolve(void *one, const struct server_request *request, struct server_reply *out,
                      struct err *err);

#endif
