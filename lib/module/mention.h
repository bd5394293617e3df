/* How often a module names folders of the machine that built it: in debug information, and in the
 * messages of its own code. */
#ifndef WASME_MODULE_MENTION_H
#define WASME_MODULE_MENTION_H

#include "module/module.h"

#define MENTION_FOLDER_MAX 4095 /* bytes of a folder's path; a longer one is not looked for */

struct mentions {
    uint64_t dropped; /* in the sections that a strip drops (strip.h) */
    uint64_t data;    /* in the data section, which stays */
};

/*
 * Counts the places that have the path of one of the folders, or of a file or folder below it.
 * `folders` is NULL-terminated. "/" and relative paths are ignored, and so is a folder below
 * another one of the list, whose places count already. A path of one name, as "/src", does not
 * count at the end of a longer path, as in "/go/src/". Reads from the descriptor that module_read()
 * had, and fails only when the file cannot be read.
 */
int module_mentions(int fd, const struct module *module, const char *const *folders,
                    struct mentions *out, struct err *err);

#endif
