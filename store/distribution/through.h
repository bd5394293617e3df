/*
 * A cache in front of another registry: what a client reads is fetched from the upstream first,
 * when it is not here, or when a tag was asked about too long ago. A filter becomes an image of the
 * store, under its name at the upstream; anything else is kept in the registry's folder. The
 * manifest of a filter is served when all its blobs are here; those of others are fetched when they
 * are asked for. When the upstream cannot be asked, the answer is what is here.
 */
#ifndef WASME_STORE_DISTRIBUTION_THROUGH_H
#define WASME_STORE_DISTRIBUTION_THROUGH_H

#include "registry/names.h"
#include "store/distribution/state.h"

/* Each brings what the call reads. True: the call is answered from what is here. False: the reply
 * is made. Without an upstream, nothing happens. */
bool through_manifest(struct dist_call *call);
bool through_blob(struct dist_call *call);
/* The tags at the upstream; none when it cannot be asked. */
void through_tags(struct dist_call *call, struct registry_names *out);

#endif
