#include "server/attempts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A digest may be in any place of one row, the row that its first digits name. */
enum { ROW = 8, ROWS = ATTEMPTS_PLACES_MAX / ROW };

struct place {
    struct digest who; /* "": empty */
    int64_t free_at;   /* ms: when no failure counts any more */
};

struct attempts {
    struct place places[ROWS][ROW];
};

struct attempts *attempts_new(void)
{
    return mem_zero(1, sizeof(struct attempts));
}

static struct place *row_of(struct attempts *attempts, const struct digest *who)
{
    char digits[9] = "";
    memcpy(digits, digest_hex(who), 8);
    return attempts->places[strtoul(digits, NULL, 16) % ROWS];
}

static struct place *find(struct place row[ROW], const struct digest *who)
{
    for (int i = 0; i < ROW; i++)
        if (digest_equal(&row[i].who, who))
            return &row[i];
    return NULL;
}

/* The place in which the fewest failures count. */
static struct place *find_free(struct place row[ROW])
{
    struct place *best = row;
    for (int i = 1; i < ROW; i++)
        if (row[i].free_at < best->free_at)
            best = &row[i];
    return best;
}

bool attempts_take(struct attempts *attempts, const struct digest *who, int64_t now)
{
    struct place *row = row_of(attempts, who);
    struct place *place = find(row, who);
    if (!place) {
        place = find_free(row);
        *place = (struct place){.who = *who};
    }
    int64_t from = place->free_at > now ? place->free_at : now;
    if (from + ATTEMPTS_EACH_MS > now + (int64_t)ATTEMPTS_MAX * ATTEMPTS_EACH_MS)
        return false;
    place->free_at = from + ATTEMPTS_EACH_MS;
    return true;
}

void attempts_give_back(struct attempts *attempts, const struct digest *who)
{
    struct place *place = find(row_of(attempts, who), who);
    if (place)
        place->free_at -= ATTEMPTS_EACH_MS;
}

void attempts_clear(struct attempts *attempts)
{
    memset(attempts, 0, sizeof(*attempts));
}

void attempts_free(struct attempts *attempts)
{
    free(attempts);
}
