#include "store/transit/share.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

/* An item that waits for the blob. */
struct waiting {
    struct fetched *item;
    struct store_file *file; /* takes the blob; NULL: the item's config_blob does */
};

struct share {
    struct shares *all;
    struct registry_want want;
    struct waiting *waiting; /* the first one's file is that of the want; the others copy from it */
    size_t count;
    bool over;
};

void shares_release(struct shares *shares)
{
    for (size_t i = 0; i < shares->count; i++) {
        err_release(&shares->items[i]->want.err);
        free(shares->items[i]->waiting);
        free(shares->items[i]);
    }
    free(shares->items);
}

/* The same blob of the same repository, for the same kind of place (file or memory), unless it has
 * failed; NULL when there is none. */
static struct share *find_share(const struct shares *shares, const struct ref *ref,
                                const struct descriptor *blob, bool file)
{
    for (size_t i = 0; i < shares->count; i++) {
        const struct registry_want *want = &shares->items[i]->want;
        if ((want->fd >= 0) == file && want->blob->size == blob->size && !want->rc &&
            digest_equal(&want->blob->digest, &blob->digest) &&
            strcmp(want->ref->registry, ref->registry) == 0 &&
            strcmp(want->ref->repository, ref->repository) == 0)
            return shares->items[i];
    }
    return NULL;
}

/* Copies the blob over bytes that an earlier run got. */
static int copy_file(int from, struct store_file *to, struct err *err)
{
    int rc = store_file_empty(to, err);
    return rc ? rc : file_copy(from, store_file_fd(to), err);
}

/* Copies the blob from the place that it was fetched to. */
static int copy_blob(const struct registry_want *from, const struct waiting *to, struct err *err)
{
    if (to->file)
        return copy_file(from->fd, to->file, err);
    buf_add(&to->item->config_blob, buf_text(from->data), from->data->len);
    return 0;
}

static void settle(struct share *share, size_t number)
{
    const struct waiting *waiting = &share->waiting[number];
    const struct registry_want *want = &share->want;
    struct fetched *item = waiting->item;
    struct err *err = item->rc ? ERR_IGNORED : &item->err; /* an item tells its first failure */
    int rc = want->rc;
    if (rc == ERR_DAMAGED && waiting->file)
        store_file_spoil(waiting->file);
    if (rc)
        (void)err_set(err, rc, "%s", err_text(&want->err)); /* others may wait for the blob too */
    else if (number > 0)
        rc = copy_blob(want, waiting, err);
    if (!item->rc)
        item->rc = rc;
    item->pending--;
}

/* All items that wait for the blob copy it before the first of them goes on, since extract_wasm()
 * may take the file away. */
static void blob_done(void *arg, struct registry_want *want)
{
    struct share *share = arg;
    const struct shares *all = share->all;
    (void)want;
    share->over = true;
    for (size_t i = 0; i < share->count; i++)
        settle(share, i);
    for (size_t i = 0; i < share->count; i++)
        if (!share->waiting[i].item->pending)
            all->done(all->arg, share->waiting[i].item);
}

/* Copies a blob out of an image of the store, where another program may be writing to it: so the
 * bytes of the copy are verified. A wrong copy leaves the file empty. */
static bool copy_stored(int from, const struct descriptor *blob, struct store_file *to)
{
    const struct registry_want copy = {.blob = blob, .fd = store_file_fd(to)};
    if (copy_file(from, to, ERR_IGNORED) == 0 &&
        source_check_blob("the store", &copy, ERR_IGNORED) == 0)
        return true;
    (void)store_file_empty(to, ERR_IGNORED);
    return false;
}

bool share_stored(struct store_blobs *stored, const struct descriptor *blob,
                  struct store_file *file)
{
    size_t at = 0;
    for (int tries = 0; tries < STORE_BLOBS_TRIES; tries++) {
        AUTO_CLOSE int fd = store_blobs_next(stored, blob, &at);
        if (fd < 0)
            return false;
        if (copy_stored(fd, blob, file))
            return true;
    }
    return false;
}

/* Takes a blob that has come for another item, whose file may be in an image of the store by now. */
static bool take_over(const struct share *share, const struct waiting *to)
{
    if (to->file)
        return copy_stored(share->want.fd, share->want.blob, to->file);
    return copy_blob(&share->want, to, ERR_IGNORED) == 0;
}

static struct share *add_share(struct shares *shares)
{
    struct share *share = mem_zero(1, sizeof(*share));
    share->all = shares;
    shares->items = mem_resize(shares->items, shares->count + 1, sizeof(struct share *));
    shares->items[shares->count++] = share;
    return share;
}

static void begin_share(struct shares *shares, struct share *share, const struct waiting *first,
                        const struct descriptor *blob)
{
    struct store_file *file = first->file;
    share->want = (struct registry_want){
        .ref = fetched_ref(first->item),
        .blob = blob,
        .fd = file ? store_file_fd(file) : -1,
        .have = file ? store_file_kept(file) : 0,
        .data = file ? NULL : &first->item->config_blob,
        .done = blob_done,
        .done_arg = share,
    };
    registry_wants_add(shares->wants, &share->want);
}

void shares_ask(struct shares *shares, struct fetched *item, const struct descriptor *blob,
                struct store_file *file)
{
    const struct waiting waiting = {item, file};
    struct share *share = find_share(shares, fetched_ref(item), blob, file != NULL);
    if (share && share->over) {
        if (take_over(share, &waiting))
            return;
        share = NULL;
    }
    if (!share) {
        share = add_share(shares);
        begin_share(shares, share, &waiting, blob);
    }
    share->waiting = mem_resize(share->waiting, share->count + 1, sizeof(waiting));
    share->waiting[share->count++] = waiting;
    item->pending++;
}
