/*
 * Small files of a program's own that are mere memory, as in the user's cache folder: a file that
 * is missing, damaged, too large or another user's counts as no file, and is never an error.
 */
#ifndef WASME_BASE_PRIVATE_FILE_H
#define WASME_BASE_PRIVATE_FILE_H

#include <stdbool.h>

#include "base/buf.h"

struct private_file {
    const char *dir; /* lent; the folder: ours, and nobody else may write to it; NULL: no file */
    const char *name;
    bool secret; /* nobody else may read the folder either */
};

/* Appends the whole file. False: there is none that may be trusted: the file must be a regular one
 * of ours that nobody else can read or write, with one name and at most out->max bytes. A link in
 * the place of the file or of the folder is not followed. */
bool private_file_read(const struct private_file *file, struct buf *out);
/* Puts a file with these bytes (0600) in the place of the old one, in one step, and makes the
 * folder (0700) when it is missing. Nothing is synced to the disk. False: that could not be done,
 * and the old file is as it was. */
bool private_file_write(const struct private_file *file, const void *data, size_t len);
/* Removes the file, when there is one in a folder that could be written to. */
void private_file_remove(const struct private_file *file);

#endif
