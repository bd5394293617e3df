/* Decoding types (core specification 5.3): value types, limits, the types of externs. A failure is
 * kept in the reader; features are noted in the module. */
#ifndef WASME_MODULE_TYPE_READ_H
#define WASME_MODULE_TYPE_READ_H

#include "module/module.h"
#include "module/reader.h"

/* Is it a value type, whose index of a type, if any, is below `bound`? Adds the extensions that it
 * comes from to `features`, and brings it to its shortest form: (ref null func) becomes funcref. */
bool type_settle(struct value_type *type, uint64_t bound, uint32_t *features);

/* A value type; with `bound`, its index of a type is below that. */
struct value_type type_read_value(struct reader *reader, struct module *out);
struct value_type type_read_bounded(struct reader *reader, struct module *out, uint64_t bound);
/* A heap type as a nullable reference to it. */
struct value_type type_read_heap(struct reader *reader, struct module *out);
/* The index of a type of that form. */
uint32_t type_read_index(struct reader *reader, const struct module *out, enum type_form form);
void type_read_table(struct reader *reader, struct module *out, struct table_type *type);
void type_read_memory(struct reader *reader, struct module *out, struct limits *limits);
void type_read_global(struct reader *reader, struct module *out, struct global_type *type);
/* The attribute and the type of a tag. */
uint32_t type_read_tag(struct reader *reader, struct module *out);

#endif
