#include "store/distribution/flights.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct flight {
    char *name; /* owned */
    int waiting;
    bool over;
    int rc; /* what it came to, once it is over */
    struct flight *next;
};

struct flights {
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    struct flight *first;
};

struct flights *flights_new(void)
{
    struct flights *flights = mem_zero(1, sizeof(*flights));
    pthread_mutex_init(&flights->mutex, NULL);
    pthread_cond_init(&flights->ended, NULL);
    return flights;
}

void flights_free(struct flights *flights)
{
    if (!flights)
        return;
    pthread_cond_destroy(&flights->ended);
    pthread_mutex_destroy(&flights->mutex);
    free(flights);
}

/* The work of that name that is under way; NULL: none. */
static struct flight *find(const struct flights *flights, const char *name)
{
    for (struct flight *flight = flights->first; flight; flight = flight->next)
        if (!flight->over && strcmp(flight->name, name) == 0)
            return flight;
    return NULL;
}

static void drop(struct flights *flights, struct flight *flight)
{
    struct flight **at = &flights->first;
    while (*at != flight)
        at = &(*at)->next;
    *at = flight->next;
    free(flight->name);
    free(flight);
}

/* Waits for the flight, and returns what it came to. */
static int wait_for(struct flights *flights, struct flight *flight)
{
    flight->waiting++;
    while (!flight->over)
        pthread_cond_wait(&flights->ended, &flights->mutex);
    int rc = flight->rc;
    if (--flight->waiting == 0)
        drop(flights, flight);
    return rc;
}

bool flights_begin(struct flights *flights, const char *name, int *rc)
{
    pthread_mutex_lock(&flights->mutex);
    struct flight *flight = find(flights, name);
    if (flight) {
        *rc = wait_for(flights, flight);
    } else {
        struct flight *made = mem_zero(1, sizeof(*made));
        made->name = mem_dup(name);
        made->next = flights->first;
        flights->first = made;
    }
    pthread_mutex_unlock(&flights->mutex);
    return !flight;
}

void flights_end(struct flights *flights, const char *name, int rc)
{
    pthread_mutex_lock(&flights->mutex);
    struct flight *flight = find(flights, name);
    if (flight && flight->waiting) {
        flight->over = true;
        flight->rc = rc;
        pthread_cond_broadcast(&flights->ended);
    } else if (flight) {
        drop(flights, flight);
    }
    pthread_mutex_unlock(&flights->mutex);
}
