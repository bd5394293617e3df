/*
 * Reading the structure of a WebAssembly module from its bytes, without running it (WebAssembly
 * core specification 3.0, chapter 5, "Binary Format", and the proposals of module/feature.h).
 */
#ifndef WASME_MODULE_MODULE_H
#define WASME_MODULE_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "module/feature.h"
#include "module/type.h"

/* Limits. A module that goes past one of them is ERR_DAMAGED; compilers stay far below. The engines
 * have limits as well: what they all refuse is refused here (wasm-limits.h of V8). */
#define MODULE_MAX_SECTIONS 10000
#define MODULE_MAX_IMPORTS 1000000
#define MODULE_MAX_EXPORTS 1000000
#define MODULE_MAX_TYPES 1000000
#define MODULE_MAX_VALUES 2000000 /* parameters, results and fields of all types together */
#define MODULE_MAX_FIELDS 10000   /* of a struct */
#define MODULE_MAX_SUPERS 63      /* types that a type extends, one through the other */
#define MODULE_MAX_TABLES 100000
#define MODULE_MAX_TABLE 10000000 /* entries that a table begins with */
#define MODULE_MAX_MEMORIES 100000
#define MODULE_MAX_GLOBALS 1000000
#define MODULE_MAX_TAGS 1000000
#define MODULE_MAX_SEGMENTS 100000   /* of elements, and of data */
#define MODULE_MAX_FUNCTIONS 1000000 /* without the imported ones */
#define MODULE_MAX_PARAMS 1000
#define MODULE_MAX_RESULTS 1000
#define MODULE_MAX_LOCALS 50000
#define MODULE_MAX_BR_TABLE 65520
#define MODULE_MAX_BODY (7654321)           /* bytes of one function */
#define MODULE_MAX_NAME 1000000             /* bytes of one name */
#define MODULE_MAX_NAMES (64 * 1024 * 1024) /* bytes of all names together */

/* Numbered as in the binary format. */
enum extern_kind { EXTERN_FUNC, EXTERN_TABLE, EXTERN_MEMORY, EXTERN_GLOBAL, EXTERN_TAG };

struct module_import {
    char *module;
    char *name;
    enum extern_kind kind;
    uint32_t index; /* in the index space of its kind: funcs, tables ... */
};

struct module_export {
    char *name;
    enum extern_kind kind;
    uint32_t index; /* as above; in range */
};

/* A function of the code section. */
struct module_body {
    uint64_t offset;        /* where its instructions begin in the file, behind the locals */
    uint32_t size;          /* bytes of its instructions, with the last `end` */
    uint64_t locals_offset; /* where the locals begin: the body as a whole */
};

struct module_section {
    uint8_t id;      /* 0 custom, 1 type, ... 12 data count, 13 tag */
    char *name;      /* a custom section's own name, or NULL */
    uint64_t offset; /* where its contents begin in the file */
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
    /* The index spaces: what is imported comes first. */
    struct module_type *types;
    size_t type_count;
    uint32_t *funcs; /* the type of each function: an index of `types`, which is a TYPE_FUNC */
    size_t func_count, imported_funcs;
    struct table_type *tables;
    size_t table_count, imported_tables;
    struct limits *memories;
    size_t memory_count, imported_memories;
    struct global_type *globals;
    size_t global_count, imported_globals;
    uint32_t *tags; /* the type of each tag */
    size_t tag_count, imported_tags;
    struct value_type *elements; /* the type of each element segment */
    size_t element_count;
    size_t data_count;   /* data segments */
    bool has_data_count; /* by a data count section: instructions may name data segments */
    bool *declared; /* by function: ref.func may name it, for it is exported or in a segment ... */
    struct module_body *bodies; /* of function imported_funcs + i */
    size_t body_count;
    bool has_start;
    uint32_t start;    /* index of the function of the start section */
    bool makes_arrays; /* a constant expression makes an array of a computed length */
    uint32_t features; /* set of enum feature; see feature.h */
    bool relocatable;  /* an object file for a linker: it has relocations */
};

/*
 * Reads the module behind the descriptor with pread, and checks it: the magic number and version,
 * every section within bounds and in order, names of valid UTF-8. Of a large file only the parts
 * that matter are read, and memory stays bounded whatever the counts in the file say. `shown` names
 * the file in errors. ERR_DAMAGED says the fault and its offset; for a file that is no core module
 * it says which kind of file that is. A NUL in a name becomes U+FFFD.
 */
int module_read(int fd, const char *shown, struct module *out, struct err *err);
void module_release(struct module *module); /* usable with AUTO() */

/* The export of that name and kind, or NULL. */
const struct module_export *module_find_export(const struct module *module, enum extern_kind kind,
                                               const char *name);
/* The type of a function by its index, which is in range. */
const struct module_type *module_func_type(const struct module *module, uint32_t func);

/* The words of the specification: "func", "table" and so on for kinds; "type", "import" ...
 * "custom" for sections. */
const char *module_kind_name(enum extern_kind kind);
const char *module_section_name(uint8_t id);

#endif
