/* Decoding the element and the data section (core specification 5.5.12 and 5.5.14). The reader
 * stands at the start of the section, and its `end` is the end of the section. A failure is kept in
 * the reader. */
#ifndef WASME_MODULE_SEGMENT_H
#define WASME_MODULE_SEGMENT_H

#include "module/module.h"
#include "module/reader.h"

void segment_read_elements(struct reader *reader, struct module *out);
void segment_read_data(struct reader *reader, struct module *out);

#endif
