/*
 * WebAssembly modules: what can be read from the binary without running it (WebAssembly core
 * specification 2.0, chapter 5, "Binary Format").
 */
#ifndef WASME_MODULE_MODULE_H
#define WASME_MODULE_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* More than this of anything is ERR_DAMAGED; compilers stay far below. */
#define MODULE_MAX_SECTIONS 10000
#define MODULE_MAX_IMPORTS 100000
#define MODULE_MAX_EXPORTS 100000
#define MODULE_MAX_NAME 100000              /* bytes of one name */
#define MODULE_MAX_NAMES (16 * 1024 * 1024) /* bytes of all names together */

/* In the numbering of the binary format. */
enum extern_kind { EXTERN_FUNC, EXTERN_TABLE, EXTERN_MEMORY, EXTERN_GLOBAL, EXTERN_TAG };

struct module_import {
    char *module;
    char *name;
    enum extern_kind kind;
};

struct module_export {
    char *name;
    enum extern_kind kind;
};

struct module_section {
    uint8_t id;      /* 0 custom, 1 type, ... 12 data count, 13 tag */
    char *name;      /* a custom section's own name, or NULL */
    uint64_t offset; /* of its contents in the file */
    uint64_t size;   /* bytes of its contents */
};

struct module {
    uint64_t size; /* bytes of the whole file */
    struct module_section *sections;
    size_t section_count;
    struct module_import *imports;
    size_t import_count;
    struct module_export *exports;
    size_t export_count;
};

/*
 * Reads the module behind the descriptor with pread: magic, version, every section within bounds
 * and in order, names valid UTF-8. Reads only what it needs of a large file, and memory stays
 * bounded whatever the counts in the file say. `shown` names the file in errors; ERR_DAMAGED says
 * what is wrong at which offset, and of a file that is no core module what it is instead. A NUL in
 * a name comes out as U+FFFD.
 */
int module_read(int fd, const char *shown, struct module *out, struct err *err);
/* The same for a module in memory. */
int module_read_bytes(const void *data, size_t len, const char *shown, struct module *out,
                      struct err *err);
void module_release(struct module *module); /* usable with AUTO() */

/* "func", "table", ...; "type", "import", ... "custom": the specification's words. */
const char *module_kind_name(enum extern_kind kind);
const char *module_section_name(uint8_t id);

#endif
