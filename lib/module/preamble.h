/* The first eight bytes of a module (core specification 5.5.16), or what stands there instead. */
#ifndef WASME_MODULE_PREAMBLE_H
#define WASME_MODULE_PREAMBLE_H

#include "module/reader.h"

/* Reads magic and version; a failure says what kind of file it is, as far as one can tell. */
void preamble_read(struct reader *reader);

#endif
