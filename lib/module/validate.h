/*
 * Whether the instructions of a module fit together: the types of all operands, the constant
 * expressions, and whatever else engines refuse before a module runs (WebAssembly core
 * specification 3.0, chapter 3 and appendix "Validation Algorithm").
 */
#ifndef WASME_MODULE_VALIDATE_H
#define WASME_MODULE_VALIDATE_H

#include "base/err.h"
#include "module/module.h"

enum validity {
    MODULE_VALID,
    MODULE_INVALID,       /* every engine refuses it */
    MODULE_NOT_VALIDATED, /* it has types or instructions of GC, typed function references or stack
                             switching, or is beyond the limits of module/operands.h */
};

struct validation {
    enum validity result;
    char *why; /* owned; NULL for MODULE_VALID. "function 12 (name): type mismatch: expected i32,
                  found i64, at offset 291" */
};
void validation_release(struct validation *validation); /* usable with AUTO() */

/* Reads the bodies and segments from the descriptor that module_read() had, one at a time. A file
 * that has changed since is ERR_DAMAGED. A module that is not valid is no failure. */
int module_validate(int fd, const struct module *module, struct validation *out, struct err *err);

#endif
