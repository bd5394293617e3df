#include "store/transit/source.h"

int source_check_blob(const char *owner, const struct registry_want *want, struct err *err)
{
    const struct descriptor *wanted = want->blob;
    struct digest found;
    long long size = want->fd >= 0 ? 0 : (long long)want->data->len;
    int rc = 0;
    if (want->fd >= 0)
        rc = digest_of_fd(want->fd, &found, &size, err);
    else
        digest_of(buf_text(want->data), want->data->len, &found);
    if (!rc && size != wanted->size)
        rc = err_set(err, ERR_DAMAGED, "%s's blob %s has %lld bytes, not %lld", owner,
                     wanted->digest.text, size, wanted->size);
    if (!rc && !digest_equal(&found, &wanted->digest))
        rc = err_set(err, ERR_DAMAGED, "%s's blob %s hashes to %s", owner, wanted->digest.text,
                     found.text);
    return rc;
}

void source_each(struct registry_wants *wants, int (*get)(void *arg, struct registry_want *want),
                 void *arg)
{
    for (size_t i = 0; i < wants->count; i++) {
        struct registry_want *want = wants->items[i];
        want->rc = get(arg, want);
        if (want->done)
            want->done(want->done_arg, want);
    }
}

static int fetch_remote(void *arg, struct registry_wants *wants, struct err *err)
{
    return registry_fetch(arg, wants, err);
}

struct image_source source_from_registry(struct registry *registry)
{
    return (struct image_source){fetch_remote, registry};
}
