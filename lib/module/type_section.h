/* Decoding the type section (core specification 5.5.4). */
#ifndef WASME_MODULE_TYPE_SECTION_H
#define WASME_MODULE_TYPE_SECTION_H

#include "module/module.h"
#include "module/reader.h"

/* The reader stands at the start of the section, and its `end` is the end of the section. */
void type_section_read(struct reader *reader, struct module *out);

#endif
