/*
 * Deadlines. All timers of a kind run equally long, so each kind is a queue in which the oldest
 * stands first: starting, stopping and finding the next one take the same time for any number.
 */
#ifndef WASME_SERVER_TIMERS_H
#define WASME_SERVER_TIMERS_H

#include <stdint.h>

enum timer_kind {
    TIMER_STOPPED,
    TIMER_IDLE,   /* waiting for a request's first byte */
    TIMER_HEADER, /* a request has begun: what comes later does not prolong it */
    TIMER_BODY,   /* how much of a body came is looked at when it ends */
    TIMER_SEND,   /* how much was sent is looked at when it ends */
    TIMER_LINGER, /* the answer is out, the rest of what the client sends is dropped */
    TIMER_KINDS,
};

struct timer {
    struct timer *previous, *next;
    int64_t at; /* ms of the server's clock */
    enum timer_kind kind;
};

struct timers {
    struct timer *first[TIMER_KINDS], *last[TIMER_KINDS];
    int64_t duration[TIMER_KINDS]; /* ms */
};

/* Stops the timer when it runs, and starts it anew. */
void timers_start(struct timers *timers, struct timer *timer, enum timer_kind kind, int64_t now);
void timers_stop(struct timers *timers, struct timer *timer);
/* One that is due; NULL: none. It still runs. */
struct timer *timers_due(const struct timers *timers, int64_t now);
/* When the next one is due; INT64_MAX: never. */
int64_t timers_next(const struct timers *timers);

#endif
