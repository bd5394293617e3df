/*
 * Whether the instructions of a module fit together: the types of all operands (WebAssembly core
 * specification 3.0, chapter 3 and appendix "Validation Algorithm"). Whatever else engines refuse
 * before a module runs, constant expressions too, module_read() has checked.
 */
#ifndef WASME_MODULE_VALIDATE_H
#define WASME_MODULE_VALIDATE_H

#include "base/err.h"
#include "module/module.h"

enum validity {
    MODULE_VALID,
    MODULE_INVALID,       /* every engine refuses it */
    MODULE_NOT_VALIDATED, /* it has instructions or tags of stack switching, engines differ about
                             it, or it is beyond the limits of module/operands.h */
};

struct validation {
    enum validity result;
    char *why; /* owned; NULL for MODULE_VALID. "function 12 (name): type mismatch: expected i32,
                  found i64, at offset 291" */
};
void validation_release(struct validation *validation); /* usable with AUTO() */

/* Reads the bodies from the descriptor that module_read() had, one at a time. A file
 * that has changed since is ERR_DAMAGED. A module that is not valid is no failure. */
int module_validate(int fd, const struct module *module, struct validation *out, struct err *err);

#endif
