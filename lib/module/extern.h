/* The import and export sections (core specification 5.5.5 and 5.5.10). */
#ifndef WASME_MODULE_EXTERN_H
#define WASME_MODULE_EXTERN_H

#include "module/module.h"
#include "module/reader.h"

/* Each decodes the section that the reader stands at the start of, up to the reader's `end`, into
 * `out`; failures are the reader's. */
void extern_read_imports(struct reader *reader, struct module *out);
void extern_read_exports(struct reader *reader, struct module *out);

#endif
