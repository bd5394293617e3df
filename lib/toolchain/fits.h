/*
 * Whether a source is that of a language, by the files in it: the `fits` of the builders whose
 * answer needs no tool. Go and TinyGo share their sources, and gochoice.h decides between them.
 */
#ifndef WASME_TOOLCHAIN_FITS_H
#define WASME_TOOLCHAIN_FITS_H

#include <stdbool.h>

#include "toolchain/builder.h"

/* Each says why the source is its own, in words that follow "since"; NULL: it is not. The caller
 * frees the words. */
char *fits_precompiled(const struct fit_request *request);
char *fits_cargo(const struct fit_request *request);
char *fits_assemblyscript(const struct fit_request *request);

/* Whether the folder has that file or folder. */
bool fits_has(const char *folder, const char *name);
/* The name of a file in the folder that ends with one of the suffixes, which a NULL ends; the first
 * one in the order of bytes. Hidden files do not count. NULL: there is none. The caller frees
 * it. */
char *fits_find(const char *folder, const char *const *suffixes);

#endif
