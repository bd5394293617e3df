/*
 * A shared library that is loaded when first needed, so that a command that
 * does not use it does not pay for it at start-up. The library is named in an
 * ELF note too (see DLOPEN_NOTE), from which packaging tools read dependencies.
 */
#ifndef WASME_BASE_LAZY_H
#define WASME_BASE_LAZY_H

#include <stddef.h>

#include "base/err.h"

struct lazy_symbol {
    const char *name;
    void *slot; /* address of a function pointer, set when the library is loaded */
};

struct lazy_library {
    const char *soname;
    const struct lazy_symbol *symbols;
    size_t symbol_count;
    void *handle; /* NULL until loaded; stays open for the life of the process */
};

/*
 * Loads the library and fills every slot; 0 at once when that is done already.
 * ERR_NOT_FOUND when the library or a symbol is missing. Not for several
 * threads at once: load before threads start.
 */
int lazy_load(struct lazy_library *library, struct err *err);

/*
 * The note of the UAPI group's "ELF dlopen metadata" specification: owner
 * "FDO", type 0x407c0c0a, a JSON array in section .note.dlopen.
 */
#define DLOPEN_NOTE(id, json)                                                                      \
    __attribute__((used, aligned(4), section(".note.dlopen"))) static const struct {               \
        struct {                                                                                   \
            unsigned name_size, json_size, type;                                                   \
        } head;                                                                                    \
        char name[4];                                                                              \
        __attribute__((aligned(4))) char text[sizeof(json)];                                       \
    } dlopen_note_##id = {{4, sizeof(json), 0x407c0c0a}, "FDO", json}

#endif
