/* The lists of a registry: tags, repositories, and manifests that refer to a manifest. */
#ifndef WASME_STORE_DISTRIBUTION_LISTS_H
#define WASME_STORE_DISTRIBUTION_LISTS_H

#include "store/distribution/state.h"

int list_tags(struct dist_call *call, struct err *err);
int list_repositories(struct dist_call *call, struct err *err);

#endif
