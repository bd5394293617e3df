#include "base/thread.h"

#include <signal.h>

bool thread_begin(pthread_t *thread, void *(*work)(void *arg), void *arg)
{
    sigset_t all, before;
    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return false;
    bool begun = pthread_create(thread, NULL, work, arg) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return begun;
}
