/* Decoding the import and the export section (core specification 5.5.5 and 5.5.10). */
#ifndef WASME_MODULE_EXTERN_H
#define WASME_MODULE_EXTERN_H

#include "module/module.h"
#include "module/reader.h"

/* Each decodes a section into `out`: the reader stands at its start, and the reader's `end` is its
 * end. A failure is kept in the reader. */
void extern_read_imports(struct reader *reader, struct module *out);
void extern_read_exports(struct reader *reader, struct module *out);

#endif
