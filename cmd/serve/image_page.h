/* The page of an image of the store, and that of a file. */
#ifndef WASME_CMD_SERVE_IMAGE_PAGE_H
#define WASME_CMD_SERVE_IMAGE_PAGE_H

#include "cmd/serve/self.h"
#include "cmd/serve/catalogue.h"
#include "base/digest_cache.h"
#include "server/reply.h"
#include "store/store.h"

/* An image of the store. All is lent, except `image`, which is released. */
struct image_subject {
    const struct site *site;
    struct digest_cache *cache;
    struct store_image *image;
    const struct catalogue *catalogue; /* of the whole store; NULL: the image alone is served */
    const struct catalogue_item *item; /* of the image; likewise */
};
/* Makes the page, or the JSON that the request prefers. Reads the whole wasm: for other threads
 * than that of the server. */
int image_page(const struct image_subject *subject, const struct server_request *request,
               struct server_reply *out, struct err *err);
/* The same of a file, which is served alone under its name. */
int image_page_of_file(const struct site *site, struct digest_cache *cache, const char *path,
                       const struct server_request *request, struct server_reply *out,
                       struct err *err);

#endif
