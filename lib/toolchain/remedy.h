/* What the toolchain that made a module can do when a host refuses it. */
#ifndef WASME_TOOLCHAIN_REMEDY_H
#define WASME_TOOLCHAIN_REMEDY_H

#include "module/host/host.h"
#include "toolchain/builder.h"

/* The builder whose compiler made the module, by its section "producers"; NULL: not known, or the
 * section is not there. */
const struct builder *remedy_find_builder(int fd, const struct module *module);
/* Puts the advice of the toolchain in place of the general one, or behind it. `builder` is the one
 * that made the module; one without remedies, or NULL, is looked for in the module. */
void remedy_apply(const struct builder *builder, int fd, const struct module *module,
                  struct host_verdict *verdict);

#endif
