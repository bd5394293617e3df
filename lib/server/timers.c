#include "server/timers.h"

#include <stddef.h>

void timers_start(struct timers *timers, struct timer *timer, enum timer_kind kind, int64_t now)
{
    timers_stop(timers, timer);
    struct timer *last = timers->last[kind];
    *timer = (struct timer){last, NULL, now + timers->duration[kind], kind};
    if (last)
        last->next = timer;
    else
        timers->first[kind] = timer;
    timers->last[kind] = timer;
}

void timers_stop(struct timers *timers, struct timer *timer)
{
    if (timer->kind == TIMER_STOPPED)
        return;
    if (timer->previous)
        timer->previous->next = timer->next;
    else
        timers->first[timer->kind] = timer->next;
    if (timer->next)
        timer->next->previous = timer->previous;
    else
        timers->last[timer->kind] = timer->previous;
    *timer = (struct timer){.kind = TIMER_STOPPED};
}

struct timer *timers_due(const struct timers *timers, int64_t now)
{
    for (int kind = TIMER_IDLE; kind < TIMER_KINDS; kind++) {
        struct timer *first = timers->first[kind];
        if (first && first->at <= now)
            return first;
    }
    return NULL;
}

int64_t timers_next(const struct timers *timers)
{
    int64_t next = INT64_MAX;
    for (int kind = TIMER_IDLE; kind < TIMER_KINDS; kind++) {
        const struct timer *first = timers->first[kind];
        if (first && first->at < next)
            next = first->at;
    }
    return next;
}
