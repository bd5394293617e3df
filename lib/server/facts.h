/* Facts of a file that differ when its contents were changed, as far as a system tells. */
#ifndef WASME_SERVER_FACTS_H
#define WASME_SERVER_FACTS_H

#include <stdbool.h>
#include <sys/stat.h>

struct facts {
    bool known;
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified, changed;
};

struct facts facts_of(const struct stat *info);
/* The facts of an open file; not `known` when the system does not tell. */
struct facts facts_of_fd(int fd);
bool facts_same(const struct facts *a, const struct facts *b); /* false when some are not known */
/* Whether the open file still has these facts; true when the facts are not known. */
bool facts_hold(const struct facts *facts, int fd);
/*
 * Whether the last change is long enough ago. The times of a file only move on with the clock's
 * tick: until then another change would leave the facts as they are.
 */
bool facts_are_settled(const struct facts *facts);

#endif
