/* The blobs of a copy that pass through this machine, where they take room on its disk until the
 * whole image is sent: `pass_max` of struct bundle is the most bytes that they may have in all. */
#ifndef WASME_REGISTRY_PASS_H
#define WASME_REGISTRY_PASS_H

#include "registry/upload.h"

/* May the copy pass, even if the repository lacks all blobs? Otherwise no session is opened before
 * it is known which blobs are to be sent. */
bool pass_fits(const struct uploads *all);
/* Adds up the blobs that are to be sent. ERR_FAILED: a blob, or all of them, are too large. */
int pass_check(const struct uploads *all, struct err *err);

#endif
