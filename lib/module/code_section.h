/* Decoding the code section (core specification 5.5.13): the bodies, and whether the structure of
 * each holds. */
#ifndef WASME_MODULE_CODE_SECTION_H
#define WASME_MODULE_CODE_SECTION_H

#include "module/module.h"
#include "module/reader.h"

/* The reader stands at the start of the section, and its `end` is the end of the section. A failure
 * is kept in the reader. */
void code_section_read(struct reader *reader, struct module *out);

#endif
