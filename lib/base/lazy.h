/*
 * A shared library that is loaded when it is first needed, so that a command that does not use the
 * library does not pay for it at start-up. An ELF note names the library, too (see DLOPEN_NOTE):
 * packaging tools read dependencies from there.
 */
#ifndef WASME_BASE_LAZY_H
#define WASME_BASE_LAZY_H

#include <stdatomic.h>
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
    _Atomic(void *) handle; /* NULL until loaded; stays open for the life of the process */
};

/*
 * Loads the library and fills every slot; returns 0 at once when that is done already.
 * ERR_NOT_FOUND when the library or a symbol is missing; the next call tries again. Several threads
 * may call it for the same library at once: one of them loads it while the others wait.
 */
int lazy_load(struct lazy_library *library, struct err *err);

/*
 * The note of the UAPI group's specification "ELF dlopen metadata": owner "FDO", type 0x407c0c0a,
 * a JSON array in the section .note.dlopen.
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
