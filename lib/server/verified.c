#include "server/verified.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A digest may be in any place of one row, the row that its first digits name. */
enum { ROW = 8, ROWS = VERIFIED_MAX / ROW };

struct verified {
    struct digest places[ROWS][ROW];
    unsigned next[ROWS]; /* the place of the row that is overwritten next */
};

struct verified *verified_new(void)
{
    return mem_zero(1, sizeof(struct verified));
}

static size_t row_of(const struct digest *login)
{
    char digits[9] = "";
    memcpy(digits, digest_hex(login), 8);
    return strtoul(digits, NULL, 16) % ROWS;
}

bool verified_has(const struct verified *verified, const struct digest *login)
{
    const struct digest *row = verified->places[row_of(login)];
    for (int i = 0; i < ROW; i++)
        if (digest_equal(&row[i], login))
            return true;
    return false;
}

void verified_add(struct verified *verified, const struct digest *login)
{
    size_t row = row_of(login);
    if (!verified_has(verified, login))
        verified->places[row][verified->next[row]++ % ROW] = *login;
}

void verified_clear(struct verified *verified)
{
    memset(verified, 0, sizeof(*verified));
}

void verified_free(struct verified *verified)
{
    free(verified);
}
