/*
 * Deadlines. All timers of a kind run equally long, so each kind is a queue with the oldest timer
 * first: to start a timer, to stop it and to find the next one takes the same time for any number.
 */
#ifndef WASME_SERVER_TIMERS_H
#define WASME_SERVER_TIMERS_H

#include <stdint.h>

enum timer_kind {
    TIMER_STOPPED,
    TIMER_IDLE,   /* waiting for a request's first byte */
    TIMER_HEADER, /* a request has begun: later bytes do not prolong the time */
    TIMER_BODY,   /* a body is coming: its rate is checked when the timer is due */
    TIMER_SEND,   /* a response is being sent: its rate is checked when the timer is due */
    TIMER_JOB,    /* a thread makes the reply: for as long as that takes */
    TIMER_LINGER, /* the answer is out; bytes that the client still sends are dropped */
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

/* Starts the timer; a running timer starts anew. */
void timers_start(struct timers *timers, struct timer *timer, enum timer_kind kind, int64_t now);
void timers_stop(struct timers *timers, struct timer *timer);
/* A timer that is due, which still runs; NULL: none is due. */
struct timer *timers_due(const struct timers *timers, int64_t now);
/* The time at which the next timer is due; INT64_MAX: never. */
int64_t timers_next(const struct timers *timers);

#endif
