/* The wasm of an image as a file of its own: `pull -o`. */
#ifndef WASME_CMD_OUTPUT_H
#define WASME_CMD_OUTPUT_H

#include <stdbool.h>

#include "store/store.h"

struct output {
    const char *path; /* lent; NULL: there is none */
    bool is_stdout;
    struct store *folder; /* owned; where the file is made: beside `path`, as parts of blobs are */
};

/* "-" is standard output. Nothing is written yet. */
int output_open(struct output *output, const char *path, struct err *err);
/* Puts the whole file in the place of what was there under its name, or sends it to standard
 * output. */
int output_take(const struct output *output, struct store_file *file, struct err *err);
void output_release(struct output *output); /* usable with AUTO() */

#endif
