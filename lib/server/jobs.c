#include "server/jobs.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

struct item {
    struct item *next;
    struct job_task task;
};

/* First in, first out. */
struct queue {
    struct item *first, **last;
};

struct jobs {
    pthread_mutex_t lock; /* of all that follows, but for `fd`, `max` and `thread_max` */
    pthread_cond_t wanted;
    struct queue waiting, ended;
    size_t count; /* in `waiting` */
    size_t max;
    pthread_t *threads;
    int thread_count, thread_max;
    int free; /* threads that wait for work */
    bool closing;
    int fd;
};

static void queue_init(struct queue *queue)
{
    *queue = (struct queue){.last = &queue->first};
}

static void queue_add(struct queue *queue, struct item *item)
{
    item->next = NULL;
    *queue->last = item;
    queue->last = &item->next;
}

static struct item *queue_take(struct queue *queue)
{
    struct item *item = queue->first;
    if (item && !(queue->first = item->next))
        queue->last = &queue->first;
    return item;
}

static void drop_all(struct queue *queue)
{
    for (struct item *item; (item = queue_take(queue));) {
        if (item->task.drop)
            item->task.drop(item->task.arg);
        free(item);
    }
}

static void tell(const struct jobs *jobs)
{
    const uint64_t one = 1;
    while (write(jobs->fd, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
}

/* Waits for a task; the lock is held. NULL: the pool is being closed. */
static struct item *next_task(struct jobs *jobs)
{
    jobs->free++;
    while (!jobs->waiting.first && !jobs->closing)
        pthread_cond_wait(&jobs->wanted, &jobs->lock);
    jobs->free--;
    if (jobs->closing)
        return NULL;
    jobs->count--;
    return queue_take(&jobs->waiting);
}

static void *work_on(void *arg)
{
    struct jobs *jobs = arg;
    pthread_mutex_lock(&jobs->lock);
    for (struct item *item; (item = next_task(jobs));) {
        pthread_mutex_unlock(&jobs->lock);
        item->task.work(item->task.arg);
        pthread_mutex_lock(&jobs->lock);
        queue_add(&jobs->ended, item);
        tell(jobs);
    }
    pthread_mutex_unlock(&jobs->lock);
    return NULL;
}

int jobs_open(int threads, size_t max, struct jobs **out, struct err *err)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return err_errno(err, "make an event descriptor");
    struct jobs *jobs = mem_zero(1, sizeof(*jobs));
    jobs->fd = fd;
    jobs->max = max;
    jobs->thread_max = threads < 1 ? 1 : threads;
    jobs->threads = mem_zero((size_t)jobs->thread_max, sizeof(*jobs->threads));
    pthread_mutex_init(&jobs->lock, NULL);
    pthread_cond_init(&jobs->wanted, NULL);
    queue_init(&jobs->waiting);
    queue_init(&jobs->ended);
    *out = jobs;
    return 0;
}

int jobs_fd(const struct jobs *jobs)
{
    return jobs->fd;
}

/* Starts a thread when all are busy. Returns whether there is any thread. */
static bool have_thread(struct jobs *jobs)
{
    sigset_t all, before;
    if ((size_t)jobs->free > jobs->count || jobs->thread_count == jobs->thread_max)
        return true;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    if (pthread_create(&jobs->threads[jobs->thread_count], NULL, work_on, jobs) == 0)
        jobs->thread_count++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return jobs->thread_count > 0;
}

bool jobs_add(struct jobs *jobs, const struct job_task *task)
{
    pthread_mutex_lock(&jobs->lock);
    bool taken = jobs->count < jobs->max && have_thread(jobs);
    if (taken) {
        struct item *item = mem_alloc(sizeof(*item));
        item->task = *task;
        queue_add(&jobs->waiting, item);
        jobs->count++;
        pthread_cond_signal(&jobs->wanted);
    }
    pthread_mutex_unlock(&jobs->lock);
    return taken;
}

void jobs_reap(struct jobs *jobs)
{
    uint64_t count;
    while (read(jobs->fd, &count, sizeof(count)) < 0 && errno == EINTR)
        ;
    pthread_mutex_lock(&jobs->lock);
    struct item *list = jobs->ended.first;
    queue_init(&jobs->ended);
    pthread_mutex_unlock(&jobs->lock);
    while (list) {
        struct item *item = list;
        list = item->next;
        if (item->task.done)
            item->task.done(item->task.arg);
        free(item);
    }
}

void jobs_count(struct jobs *jobs, size_t *waiting, size_t *working)
{
    pthread_mutex_lock(&jobs->lock);
    *waiting = jobs->count;
    *working = (size_t)(jobs->thread_count - jobs->free);
    pthread_mutex_unlock(&jobs->lock);
}

void jobs_close(struct jobs *jobs)
{
    if (!jobs)
        return;
    pthread_mutex_lock(&jobs->lock);
    jobs->closing = true;
    pthread_cond_broadcast(&jobs->wanted);
    pthread_mutex_unlock(&jobs->lock);
    for (int i = 0; i < jobs->thread_count; i++)
        pthread_join(jobs->threads[i], NULL);
    drop_all(&jobs->ended);
    drop_all(&jobs->waiting);
    pthread_cond_destroy(&jobs->wanted);
    pthread_mutex_destroy(&jobs->lock);
    close(jobs->fd);
    free(jobs->threads);
    free(jobs);
}
