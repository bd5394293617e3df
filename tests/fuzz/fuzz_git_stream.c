/* Any bytes as the first answer of a git server, in pieces of any size: the result does not depend
 * on the pieces. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "git/advert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int feed(struct advert *advert, const char *data, size_t size, size_t piece)
{
    int rc = 0;
    for (size_t at = 0; at < size && !rc; at += piece)
        rc = advert_feed(advert, data + at, size - at < piece ? size - at : piece, ERR_IGNORED);
    return rc ? rc : advert_check(advert, ERR_IGNORED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    const char *bytes = (const char *)data + 1;
    AUTO(advert_free_at) struct advert *whole = advert_new(data[0] & 1);
    AUTO(advert_free_at) struct advert *parts = advert_new(data[0] & 1);
    int rc = feed(whole, bytes, size - 1, size);
    if (feed(parts, bytes, size - 1, (size_t)(data[0] >> 1) % 16 + 1) != rc ||
        parts->refs.count != whole->refs.count || parts->shallow != whole->shallow)
        abort();
    const struct ref_name *ref = NULL;
    for (size_t i = 0; i < whole->refs.count; i++)
        if (!refs_is_id(whole->refs.items[i].id) || strstr(whole->refs.items[i].name, "^{}"))
            abort();
    (void)refs_choose(&whole->refs, "v1.2", &ref, ERR_IGNORED);
    (void)refs_choose(&whole->refs, NULL, &ref, ERR_IGNORED);
    return 0;
}
