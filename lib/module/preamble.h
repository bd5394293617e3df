/* The first eight bytes of a module (core specification 5.5.16), or of a file that is none. */
#ifndef WASME_MODULE_PREAMBLE_H
#define WASME_MODULE_PREAMBLE_H

#include "module/reader.h"

/* Reads the magic number and the version. A failure says which kind of file it is, where the first
 * bytes tell that. */
void preamble_read(struct reader *reader);

#endif
