/*
 * Writing a large file that is hashed on the way: large pieces for the file system, and the hash in
 * a thread of its own, so that it costs no time where there is a second processor.
 */
#ifndef WASME_BASE_HASHED_FILE_H
#define WASME_BASE_HASHED_FILE_H

#include "base/digest.h"
#include "base/err.h"

#define HASHED_FILE_PIECE (256 * 1024) /* bytes that are written and hashed at a time */

struct hashed_file;

/*
 * `fd`, written from its present position, and `hasher` are lent; the hasher is not to be touched
 * before hashed_file_flush(). Without a thread (the system has none left) it works all the same.
 * Holds HASHED_FILE_PIECES pieces of memory.
 */
#define HASHED_FILE_PIECES 4
struct hashed_file *hashed_file_new(int fd, struct hasher *hasher);
/* After a failure nothing more is written: the file has the first bytes, and no others. */
int hashed_file_add(struct hashed_file *file, const void *data, size_t len, struct err *err);
/* Everything that was added is in the file and in the hasher. */
int hashed_file_flush(struct hashed_file *file, struct err *err);
/* How many of the bytes that were added are in the file by now. */
long long hashed_file_written(const struct hashed_file *file);
/* Drops what is not written yet; NULL is fine. */
void hashed_file_free(struct hashed_file *file);

#endif
