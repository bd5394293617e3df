/* Parts of a module in words, for people. The caller frees each text. */
#ifndef WASME_MODULE_WORDS_H
#define WASME_MODULE_WORDS_H

#include "module/module.h"

/* The type of what is imported or exported: "i32 i32 -> i32" of a function; "mut i32" of a global;
 * and for memories and tables as below. */
char *module_extern_words(const struct module *module, enum extern_kind kind, uint32_t index);
/* "17 pages (1.1 MiB), at most 1024", "2 shared pages (128 KiB), no maximum". */
char *limits_memory_words(const struct limits *limits);
/* "funcref, 12 entries, at most 12". */
char *table_words(const struct table_type *table);

#endif
