/* The manifests that refer to a manifest (OCI distribution specification, "Listing Referrers"). */
#ifndef WASME_STORE_DISTRIBUTION_REFERRERS_H
#define WASME_STORE_DISTRIBUTION_REFERRERS_H

#include "store/distribution/state.h"

int list_referrers(struct dist_call *call, struct err *err);

#endif
