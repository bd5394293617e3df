/* Blobs that are pushed (OCI distribution specification, "Pushing Blobs"). */
#ifndef WASME_STORE_DISTRIBUTION_PUSH_H
#define WASME_STORE_DISTRIBUTION_PUSH_H

#include "store/distribution/state.h"

/* A request to /v2/NAME/blobs/uploads/, and one to an upload there. */
int push_begin(struct dist_call *call, struct err *err);
int push_upload(struct dist_call *call, struct err *err);

#endif
