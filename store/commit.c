/* New images: one, or several at a time. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/stage.h"

/* The images of a group have all their small files open at the same time. */
enum { GROUP_MAX = 32 };

/* Bytes of a group's files that may be synced while the lock is held. */
#define LOCKED_MAX (4 * 1024 * 1024LL)

/* A group of changes that share the lock and the syncs. A change that has failed takes no part in
 * the next steps. */
struct group {
    struct store *store;
    struct store_change *changes;
    size_t count;
    struct stage stages[GROUP_MAX];
    bool synced; /* the files that came from outside are on the disk */
    int lock;
};

static void group_end(struct group *group)
{
    for (size_t i = 0; i < group->count; i++)
        stage_end(&group->stages[i]);
    mem_close_at(&group->lock);
}

/* Fails all changes that have not failed yet. */
static void fail_all(struct group *group, const struct err *why)
{
    for (size_t i = 0; i < group->count; i++) {
        struct store_change *change = &group->changes[i];
        if (!change->rc)
            change->rc = err_set(&change->err, why->code, "%s", err_text(why));
    }
}

/* Syncs the files of the list; a file that fails is a failure of its change. */
static void sync_group(struct group *group, struct sync_list *list)
{
    sync_all(list);
    for (size_t i = 0; i < list->count; i++) {
        const struct sync_job *job = &list->jobs[i];
        struct store_change *change = &group->changes[job->of];
        errno = job->number;
        if (errno && !change->rc)
            change->rc = err_errno(&change->err, "sync %s", job->name);
    }
}

static int check_size(const struct store_file *file, long long size, struct err *err)
{
    struct stat info;
    if (fstat(file->fd, &info) != 0)
        return err_errno(err, "stat %s/%s", file->store->dir, file->name);
    if (info.st_size != size)
        return err_set(err, ERR_DAMAGED, "%lld bytes of wasm were written instead of %lld",
                       (long long)info.st_size, size);
    return 0;
}

/* Checks the files that came from outside; returns how many bytes they have. */
static long long check_files(struct group *group)
{
    long long total = 0;
    for (size_t i = 0; i < group->count; i++) {
        struct store_change *change = &group->changes[i];
        const struct store_parts *parts = change->parts;
        if (parts->wasm)
            change->rc = check_size(parts->wasm, parts->layer.size, &change->err);
        total += parts->wasm ? parts->layer.size : 0;
        for (size_t k = 0; k < parts->layer_count; k++) {
            struct stat info;
            total += fstat(parts->layers[k].file->fd, &info) == 0 ? info.st_size : 0;
        }
    }
    return total;
}

static void add_files(const struct store_parts *parts, size_t number, struct sync_list *list)
{
    if (parts->wasm)
        sync_add(list, parts->wasm->fd, false, parts->wasm->name, number);
    for (size_t i = 0; i < parts->layer_count; i++)
        sync_add(list, parts->layers[i].file->fd, false, parts->layers[i].file->name, number);
}

/* Syncs files that take long before the lock is taken. Others are synced later, together with the
 * files that are made under the lock, which saves a wait for the disk. */
static void sync_large(struct group *group)
{
    AUTO(sync_release) struct sync_list list = {0};
    group->synced = check_files(group) > LOCKED_MAX;
    for (size_t i = 0; group->synced && i < group->count; i++)
        if (!group->changes[i].rc)
            add_files(group->changes[i].parts, i, &list);
    sync_group(group, &list);
}

static int move_in(struct store_file *file, const struct stage *stage, const char *name,
                   struct err *err)
{
    if (renameat(file->store->fd, file->name, stage->fd, name) != 0)
        return err_errno(err, "move %s/%s into %s", file->store->dir, file->name, stage->name);
    file->name[0] = '\0';
    return 0;
}

static int move_files(const struct store_parts *parts, struct stage *stage, struct err *err)
{
    int rc = parts->wasm ? move_in(parts->wasm, stage, STORE_WASM, err)
                         : stage_share(stage, parts->from, STORE_WASM, err);
    for (size_t i = 0; !rc && i < parts->layer_count; i++) {
        char name[STORE_NAME_MAX];
        snprintf(name, sizeof(name), "%s%s", STORE_BLOB_PREFIX,
                 digest_hex(&parts->layers[i].digest));
        rc = move_in(parts->layers[i].file, stage, name, err);
    }
    return rc;
}

/* Makes the folder of each image. */
static void fill_stages(struct group *group)
{
    AUTO(sync_release) struct sync_list list = {0};
    for (size_t i = 0; i < group->count; i++) {
        struct store_change *change = &group->changes[i];
        struct stage *stage = &group->stages[i];
        if (change->rc)
            continue;
        int rc = stage_begin(group->store, &list, i, stage, &change->err);
        if (!rc)
            rc = stage_write_parts(stage, change->ref, change->parts, &change->err);
        if (!rc && !group->synced)
            add_files(change->parts, i, &list);
        if (!rc)
            rc = move_files(change->parts, stage, &change->err);
        if (!rc)
            stage_complete(stage, change->ref);
        change->rc = rc;
    }
    sync_group(group, &list);
}

/* Puts the images in their places. Their old images go when no power cut can bring them back. */
static void place_stages(struct group *group)
{
    AUTO(err_release) struct err err = ERR_INIT;
    bool placed = false;
    for (size_t i = 0; i < group->count; i++) {
        struct store_change *change = &group->changes[i];
        if (change->rc)
            continue;
        change->rc = stage_place(&group->stages[i], change->ref, &change->err);
        placed = placed || !group->stages[i].name[0];
    }
    if (placed && file_sync(group->store->fd, group->store->dir, &err) != 0) {
        fail_all(group, &err);
        return;
    }
    for (size_t i = 0; i < group->count; i++)
        stage_remove_old(&group->stages[i]);
}

static void commit_group(struct store *store, struct store_change *changes, size_t count)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(group_end)
    struct group group = {.store = store, .changes = changes, .count = count, .lock = -1};
    bool any = false;
    for (size_t i = 0; i < count; i++)
        group.stages[i] = (struct stage)STAGE_INIT;
    sync_large(&group);
    for (size_t i = 0; i < count; i++)
        any = any || !changes[i].rc;
    if (any && layout_lock(store, &group.lock, &err) != 0)
        fail_all(&group, &err);
    if (group.lock < 0)
        return;
    fill_stages(&group);
    place_stages(&group);
}

void store_commit_all(struct store *store, struct store_change *changes, size_t count)
{
    for (size_t i = 0; i < count; i += GROUP_MAX)
        commit_group(store, changes + i, count - i < GROUP_MAX ? count - i : GROUP_MAX);
}

int store_commit(struct store *store, const struct ref *ref, const struct store_parts *parts,
                 struct err *err)
{
    struct store_change change = {.ref = ref, .parts = parts};
    store_commit_all(store, &change, 1);
    return change.rc ? err_move(err, &change.err) : 0;
}
