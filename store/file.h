/* Files on their way into an image of the store: the wasm, or a layer that is kept as it came. */
#ifndef WASME_STORE_FILE_H
#define WASME_STORE_FILE_H

#include "base/digest.h"
#include "base/err.h"

struct store;
struct store_file;

/*
 * Makes a file for an image's bytes. With a digest (NULL: none), the file is that of the blob: it
 * begins with the bytes that an earlier run got, and its position is behind them. While another
 * process fetches the same blob, the file is a new, empty one.
 */
int store_file_begin(struct store *store, const struct digest *digest, struct store_file **out,
                     struct err *err);
/* The descriptor to write to, and to read from; the file keeps it. */
int store_file_fd(const struct store_file *file);
/* How many bytes an earlier run got. */
long long store_file_kept(const struct store_file *file);
/* Drops all bytes that are there, those of an earlier run among them. */
int store_file_empty(struct store_file *file, struct err *err);
/* Has the file, which has the bytes of the file `from` already, share them: their blocks where the
 * file system can do that, otherwise as one more name of `from`. Where neither can be, the bytes
 * stay twice. */
void store_file_share(struct store_file *file, int from);
/* Says that the bytes are wrong, and of no use to a later run. */
void store_file_spoil(struct store_file *file);
/* Ends the file. One that went into no image is removed, but the bytes of a blob stay for a later
 * run. NULL is fine. */
void store_file_end(struct store_file *file);
void store_file_end_at(struct store_file **file); /* for AUTO() */

#endif
