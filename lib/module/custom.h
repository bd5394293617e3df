/* The contents of custom sections (core specification 5.5.3), which are hints alone: damage in them
 * is no failure, and what was read before it counts. */
#ifndef WASME_MODULE_CUSTOM_H
#define WASME_MODULE_CUSTOM_H

#include "module/module.h"
#include "module/reader.h"

/* Goes to the contents, behind its name, of the first custom section that has the name; false:
 * there is none. The reader is released by custom_close() in both cases. */
bool custom_open(struct reader *reader, int fd, const struct module *module, const char *name,
                 struct err *err);
/* Fails when the file could not be read. */
int custom_close(struct reader *reader);

#endif
