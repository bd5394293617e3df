/* What is removed from a registry (OCI distribution specification, "Content Management"). */
#ifndef WASME_STORE_DISTRIBUTION_REMOVE_H
#define WASME_STORE_DISTRIBUTION_REMOVE_H

#include "store/distribution/state.h"

int remove_manifest(struct dist_call *call, struct err *err);
int remove_blob(struct dist_call *call, struct err *err);

#endif
