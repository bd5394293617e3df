/* Facts of a file that differ when its contents were changed, as far as a system tells. */
#ifndef WASME_SERVER_FILE_FACTS_H
#define WASME_SERVER_FILE_FACTS_H

#include <stdbool.h>
#include <sys/stat.h>

struct file_facts {
    bool known;
    dev_t device;
    ino_t inode;
    off_t size;
    nlink_t names; /* hard links */
    struct timespec modified, changed;
};

struct file_facts file_facts_of(const struct stat *info);
/* The facts of an open file; not `known` when the system does not tell. */
struct file_facts file_facts_of_fd(int fd);
bool file_facts_same(const struct file_facts *a,
                     const struct file_facts *b); /* false when some are not known */
/*
 * Whether the open file still has these contents; true when the facts are not known. A name that
 * came or went, as when the file is replaced or an image is tagged, changes the time of the last
 * change, too, but no contents; with several names, one may have come and another gone.
 */
bool file_facts_hold(const struct file_facts *facts, int fd);
/*
 * Whether the last change is long enough ago. The times of a file only move on with the clock's
 * tick: until then another change would leave the facts as they are.
 */
bool file_facts_are_settled(const struct file_facts *facts);

#endif
