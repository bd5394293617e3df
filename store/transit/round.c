#include "store/transit/round.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

void round_release(struct round *round)
{
    for (size_t i = 0; i < round->sink_count; i++)
        err_release(&round->sinks[i].err);
    free(round->sinks);
    free(round->wants);
}

/* The number of the sink that fetches the same blob of the same repository to the same kind of
 * place (file or memory); sink_count when there is none. */
static size_t find_sink(const struct round *round, const struct ref *ref,
                        const struct descriptor *descriptor, bool file)
{
    size_t at = 0;
    for (; at < round->sink_count; at++) {
        const struct registry_sink *sink = &round->sinks[at];
        if ((sink->fd >= 0) == file && sink->descriptor->size == descriptor->size &&
            digest_equal(&sink->descriptor->digest, &descriptor->digest) &&
            strcmp(sink->ref->registry, ref->registry) == 0 &&
            strcmp(sink->ref->repository, ref->repository) == 0)
            break;
    }
    return at;
}

void round_add(struct round *round, struct fetched *item, const struct descriptor *descriptor,
               struct store_file *file)
{
    size_t sink = find_sink(round, fetched_ref(item), descriptor, file != NULL);
    bool first = sink == round->sink_count;
    round->wants = mem_resize(round->wants, round->want_count + 1, sizeof(*round->wants));
    round->wants[round->want_count++] =
        (struct want){.item = item, .file = file, .sink = sink, .first = first};
    if (!first)
        return;
    round->sinks = mem_resize(round->sinks, sink + 1, sizeof(*round->sinks));
    round->sinks[round->sink_count++] = (struct registry_sink){
        .ref = fetched_ref(item),
        .descriptor = descriptor,
        .fd = file ? store_file_fd(file) : -1,
        .have = file ? store_file_kept(file) : 0,
        .data = file ? NULL : &item->config_blob,
    };
}

/* Copies the blob from the file that it was fetched to, over bytes that an earlier run got. */
static int share_blob(const struct registry_sink *from, const struct want *to, struct err *err)
{
    if (!to->file) {
        buf_add(&to->item->config_blob, buf_text(from->data), from->data->len);
        return 0;
    }
    int fd = store_file_fd(to->file);
    if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
        return err_errno(err, "copy blob %s", from->descriptor->digest.text);
    return file_copy(from->fd, fd, err);
}

static bool is_complete(const struct round *round, const struct fetched *item)
{
    for (size_t i = 0; i < round->want_count; i++)
        if (round->wants[i].item == item && !round->wants[i].settled)
            return false;
    return true;
}

static void settle_want(struct round *round, struct want *want)
{
    const struct registry_sink *sink = &round->sinks[want->sink];
    struct fetched *item = want->item;
    struct err *err = item->rc ? ERR_IGNORED : &item->err; /* an item tells its first failure */
    int rc = sink->rc;
    if (rc == ERR_DAMAGED && want->file)
        store_file_spoil(want->file);
    if (rc)
        (void)err_set(err, rc, "%s", err_text(&sink->err)); /* others may share the sink */
    else if (!want->first)
        rc = share_blob(sink, want, err);
    if (!item->rc)
        item->rc = rc;
    want->settled = true;
}

/* All items that share the blob copy it before the first of them goes on, since extract_wasm() may
 * take the file away. */
static void sink_done(void *arg, struct registry_sink *sink)
{
    struct round *round = arg;
    size_t number = (size_t)(sink - round->sinks);
    for (size_t i = 0; i < round->want_count; i++)
        if (round->wants[i].sink == number && !round->wants[i].settled)
            settle_want(round, &round->wants[i]);
    for (size_t i = 0; i < round->want_count; i++)
        if (round->wants[i].sink == number && is_complete(round, round->wants[i].item))
            round->done(round->arg, round->wants[i].item);
}

int round_run(struct round *round, const struct image_source *source, struct err *err)
{
    if (!round->sink_count)
        return 0;
    for (size_t i = 0; i < round->sink_count; i++) {
        round->sinks[i].done = sink_done;
        round->sinks[i].done_arg = round;
    }
    return source->blobs(source->arg, round->sinks, round->sink_count, err);
}
