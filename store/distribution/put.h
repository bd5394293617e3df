/* Manifests that are pushed (OCI distribution specification, "Pushing Manifests"). */
#ifndef WASME_STORE_DISTRIBUTION_PUT_H
#define WASME_STORE_DISTRIBUTION_PUT_H

#include "store/distribution/state.h"

int put_manifest(struct dist_call *call, struct err *err);

#endif
