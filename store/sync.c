#include "store/sync.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/thread.h"

/* The jobs of one sync_all(), which the threads take in turn. */
struct work {
    struct sync_list *list;
    atomic_size_t next;
};

void sync_add(struct sync_list *list, int fd, bool owned, const char *name, size_t of)
{
    list->jobs = mem_resize(list->jobs, list->count + 1, sizeof(*list->jobs));
    struct sync_job *job = &list->jobs[list->count++];
    *job = (struct sync_job){.fd = fd, .owned = owned, .of = of};
    snprintf(job->name, sizeof(job->name), "%s", name);
}

static void *take_jobs(void *arg)
{
    struct work *work = arg;
    for (;;) {
        size_t at = atomic_fetch_add(&work->next, 1);
        if (at >= work->list->count)
            return NULL;
        struct sync_job *job = &work->list->jobs[at];
        job->number = fsync(job->fd) == 0 ? 0 : errno;
    }
}

void sync_all(struct sync_list *list)
{
    struct work work = {.list = list};
    pthread_t threads[SYNC_THREADS];
    size_t begun = 0;
    /* The calling thread works, too. */
    while (begun + 1 < SYNC_THREADS && begun + 1 < list->count &&
           thread_begin(&threads[begun], take_jobs, &work))
        begun++;
    (void)take_jobs(&work);
    while (begun)
        pthread_join(threads[--begun], NULL);
}

void sync_release(struct sync_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->jobs[i].owned)
            close(list->jobs[i].fd);
    free(list->jobs);
    *list = (struct sync_list){0};
}
