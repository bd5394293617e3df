/* Files and layers that tests make. A function that fails makes the test fail. */
#ifndef WASME_TESTS_UNIT_FILES_H
#define WASME_TESTS_UNIT_FILES_H

#include <stddef.h>

#include "base/buf.h"
#include "base/tar_write.h"

/* A file without a name that holds these bytes; its offset is the end. The caller closes it. */
int memory_file(const void *data, size_t len);

struct layer_entry {
    const char *name; /* NULL ends a list */
    const char *text; /* NULL: the wasm */
};

/* A layer with these entries; the caller closes it. */
int make_layer(enum tar_packing packing, const struct layer_entry *entries, const void *wasm,
               size_t wasm_len);

struct made_folder {
    char path[32];
};

#define MADE_FOLDER                                                                                \
    {                                                                                              \
        "/tmp/wasme-made.XXXXXX"                                                                   \
    }

/* Makes the folder and runs the script in it by sh; returns the status of the script. */
int made_folder_fill(struct made_folder *folder, const char *script);
/* Runs another script in the folder. */
int made_folder_run(const struct made_folder *folder, const char *script);
/* Opens a file in the folder; the caller closes it. */
int made_folder_open(const struct made_folder *folder, const char *name);
/* Removes the folder with all that is in it. */
void made_folder_remove(struct made_folder *folder);

/* For cmocka: `*state` becomes a struct made_folder that is ours alone and empty. */
int private_folder_set_up(void **state);
int private_folder_tear_down(void **state);

struct store;

#define MADE_STORE_DIR 64

/* Opens an empty store in a folder of its own, whose path becomes `dir`. */
struct store *made_store_open(char dir[MADE_STORE_DIR]);
/* Closes the store, and removes the folder. */
void made_store_remove(struct store *store, const char *dir);

#endif
