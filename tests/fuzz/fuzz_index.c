/* Indexes: any text is read or refused, and the chosen image exists. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "image/index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void choose(const struct image_index *index, const char *platform)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(platform_release) struct platform wanted = {0};
    AUTO(index_choice_release) struct index_choice choice = {0};
    if (platform && platform_parse(platform, &wanted, &err) != 0)
        abort();
    int rc = index_choose(index, platform ? &wanted : NULL, &choice, &err);
    if ((rc != 0) != (err.code != 0) || (rc == 0 && choice.child >= index->count))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(index_release) struct image_index index = {0};
    int rc = index_parse((const char *)data, size, &index, &err);
    if ((rc != 0) != (err.code != 0) || index.count > INDEX_CHILDREN_MAX)
        abort();
    if (rc == 0 && !index_is_one((const char *)data, size))
        abort();
    choose(&index, NULL);
    choose(&index, "wasip1/wasm");
    choose(&index, "linux/arm/v7");
    return 0;
}
