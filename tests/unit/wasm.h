/* Making modules for tests, a section at a time. */
#ifndef WASME_TESTS_UNIT_WASM_H
#define WASME_TESTS_UNIT_WASM_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "module/module.h"

#define WASM_MAX (64 * 1024 * 1024)

/* Begins a module in an empty buffer. */
void wasm_begin(struct buf *out);
void wasm_u32(struct buf *out, uint32_t value);
void wasm_section(struct buf *out, uint8_t id, const void *bytes, size_t len);
/* The same for a string literal. */
#define WASM_SECTION(out, id, literal) wasm_section(out, id, literal, sizeof(literal) - 1)
/* A custom section of that name, with the bytes behind the name. */
void wasm_custom(struct buf *out, const char *name, const void *bytes, size_t len);
/* A code section of one body: no locals but those that `bytes` begins with. */
void wasm_body(struct buf *out, const void *bytes, size_t len);
/* module_read() of a file that holds these bytes. */
int wasm_read(const void *data, size_t len, const char *shown, struct module *out, struct err *err);

#endif
