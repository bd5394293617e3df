/* Removing images from a registry (distribution specification, "Content Management"). */
#ifndef WASME_REGISTRY_REMOVE_H
#define WASME_REGISTRY_REMOVE_H

#include "registry/registry.h"

#define REMOVE_TAGS_MAX 1000 /* tags that are looked at for being of the same manifest */

struct registry_removal {
    struct digest digest; /* of the manifest that the reference named; "": it may not be known */
    bool whole;           /* the manifest went, not only its tag */
};

/*
 * Removes the reference's tag where the registry can do that, and otherwise its manifest; a
 * reference with a digest means the manifest. Where other tags are of that manifest too, it stays
 * without `force`: ERR_FAILED names them. What the registry refuses is an error of its words.
 */
int registry_remove(struct registry *registry, const struct ref *ref, bool force,
                    struct registry_removal *out, struct err *err);

#endif
