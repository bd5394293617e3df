/* Files on their way into an image of the store: the wasm, or a layer that is kept as it came. */
#ifndef WASME_STORE_FILE_H
#define WASME_STORE_FILE_H

#include "base/digest.h"
#include "base/err.h"

struct store;
struct store_file;

/*
 * With a digest, the bytes of that blob which an earlier run left behind are in the file, and its
 * position is behind them (unless another process is fetching the same blob: then the file is a new
 * one). NULL: an empty file.
 */
int store_file_begin(struct store *store, const struct digest *digest, struct store_file **out,
                     struct err *err);
/* The descriptor to write to; it belongs to the file. */
int store_file_fd(const struct store_file *file);
/* How many bytes an earlier run left. */
long long store_file_kept(const struct store_file *file);
/* What is in it is wrong: it is of no use to a later run. */
void store_file_spoil(struct store_file *file);
/* Ends a file that went into no image; bytes of a blob stay for a later run. NULL is fine. */
void store_file_end(struct store_file *file);
void store_file_end_at(struct store_file **file); /* for AUTO() */

#endif
