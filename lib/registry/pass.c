#include "registry/pass.h"

bool pass_fits(const struct uploads *all)
{
    long long left = all->bundle->pass_max;
    for (size_t i = 0; all->bundle->origin && i < all->count; i++) {
        long long size = all->items[i]->blob->descriptor->size;
        if (size > left)
            return false;
        left -= size;
    }
    return true;
}

int pass_check(const struct uploads *all, struct err *err)
{
    long long total = 0, max = all->bundle->pass_max;
    for (size_t i = 0; i < all->count; i++) {
        const struct upload *upload = all->items[i];
        long long size = upload->sink.size;
        if (upload->there)
            continue;
        if (size > max)
            return err_set(err, ERR_FAILED,
                           "GET %s: it has %lld bytes, more than the %lld allowed: raise "
                           "--max-size if that is right",
                           upload->what, size, max);
        if (size > max - total)
            return err_set(err, ERR_FAILED,
                           "GET %s: with it, the blobs of the image that are to be sent have %lld "
                           "bytes, more than the %lld allowed: raise --max-size if that is right",
                           upload->what, total + size, max);
        total += size;
    }
    return 0;
}
