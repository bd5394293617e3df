#include "server/known_logins.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A digest may be in any place of one row, the row that its first digits name. */
enum { ROW = 8, ROWS = KNOWN_LOGINS_MAX / ROW };

struct known_logins {
    struct digest places[ROWS][ROW];
    unsigned next[ROWS]; /* the place of the row that is overwritten next */
};

struct known_logins *known_logins_new(void)
{
    return mem_zero(1, sizeof(struct known_logins));
}

static size_t row_of(const struct digest *login)
{
    char digits[9] = "";
    memcpy(digits, digest_hex(login), 8);
    return strtoul(digits, NULL, 16) % ROWS;
}

bool known_logins_has(const struct known_logins *known, const struct digest *login)
{
    const struct digest *row = known->places[row_of(login)];
    for (int i = 0; i < ROW; i++)
        if (digest_equal(&row[i], login))
            return true;
    return false;
}

void known_logins_add(struct known_logins *known, const struct digest *login)
{
    size_t row = row_of(login);
    if (!known_logins_has(known, login))
        known->places[row][known->next[row]++ % ROW] = *login;
}

void known_logins_clear(struct known_logins *known)
{
    memset(known, 0, sizeof(*known));
}

void known_logins_free(struct known_logins *known)
{
    free(known);
}
