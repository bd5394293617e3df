/* Decoding the sections that define the functions, tables, memories, globals and tags of a module,
 * and the start and data count sections (core specification 5.5.6 to 5.5.9, 5.5.11, 5.5.15,
 * 5.5.16). The reader stands at the start of the section, and its `end` is the end of the section.
 * A failure is kept in the reader. */
#ifndef WASME_MODULE_DEFINITION_H
#define WASME_MODULE_DEFINITION_H

#include "module/module.h"
#include "module/reader.h"

void definition_read_functions(struct reader *reader, struct module *out);
void definition_read_tables(struct reader *reader, struct module *out);
void definition_read_memories(struct reader *reader, struct module *out);
void definition_read_tags(struct reader *reader, struct module *out);
void definition_read_globals(struct reader *reader, struct module *out);
void definition_read_start(struct reader *reader, struct module *out);
void definition_read_data_count(struct reader *reader, struct module *out);

#endif
