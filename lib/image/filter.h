/* A filter that an image is made of. Everything in it is lent. */
#ifndef WASME_IMAGE_FILTER_H
#define WASME_IMAGE_FILTER_H

#include "image/descriptor.h"

struct filter {
    const struct descriptor *wasm; /* of the bytes in `fd` */
    int fd;                        /* read with pread */
    const char *runtime;           /* a runtime-config.json */
    size_t runtime_len;
};

#endif
