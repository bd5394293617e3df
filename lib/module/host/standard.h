/*
 * The functions of the standards that filters are built against, with their types: proxy-wasm, as
 * Envoy offers it, and WASI preview 1. Some hosts offer other functions, or these with other types:
 * module/host/host.h judges that.
 */
#ifndef WASME_MODULE_HOST_STANDARD_H
#define WASME_MODULE_HOST_STANDARD_H

#include "module/module.h"

enum standard_fit {
    STANDARD_SAME,    /* the standard has the function, with this type */
    STANDARD_OTHER,   /* the standard has the function, with another type */
    STANDARD_UNKNOWN, /* no standard has it, or it is no function */
};

/* Compares an import with the standards. With STANDARD_OTHER, `*signature` is the type of the
 * standard, as signature_words() takes it. */
enum standard_fit standard_import(const struct module *module, const struct module_import *import,
                                  const char **signature);
/* The same for an exported function that hosts call: proxy_on_request_headers, _start, malloc. */
enum standard_fit standard_export(const struct module *module, const struct module_export *export,
                                  const char **signature);
/* Is the export a callback: a function that a host of filters calls, other than the marker of an
 * ABI version? By its name alone: proxy_*. */
bool standard_is_callback(const struct module_export *export);
/* The hosts that offer a function of that name, whatever its type: "Higress, MOSN"; NULL: none is
 * known. The caller frees the text. */
char *standard_hosts(const struct module_import *import);

#endif
