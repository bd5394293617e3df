/*
 * Leaving out of a module the custom sections (core specification 5.5.3) that only debuggers,
 * linkers and readers of stack traces use:
 *   - "name" (appendix "Custom Sections") and "producers" (tool-conventions, ProducersSection.md);
 *   - ".debug_*", "sourceMappingURL" and "external_debug_info" (tool-conventions, Debugging.md);
 *   - "linking" and "reloc.*" (tool-conventions, Linking.md), which a finished module does not need.
 * Every other custom section stays, since a host or a tool may need one: "precompiled_*" and
 * "wasmedge" are machine code, "dylink.0" and "metadata.code.*" are for engines, "target_features"
 * tells tools which instructions they may use, and "build_id" finds debug information elsewhere.
 */
#ifndef WASME_MODULE_STRIP_H
#define WASME_MODULE_STRIP_H

#include "module/module.h"

/* Whether a strip leaves that section out. */
bool strip_drops(const struct module_section *section);
/* The bytes of the module after a strip. */
uint64_t strip_size(const struct module *module);
/*
 * Writes the module of the descriptor that module_read() had to `to`, from its present position,
 * without the sections that a strip drops. All other bytes are the same, those of the header of
 * each section as well. `shown` names the module in errors; after an error `to` has a part.
 */
int strip_copy(int from, const struct module *module, int to, const char *shown, struct err *err);

#endif
