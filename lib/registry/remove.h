/* Removes images from a registry (distribution specification, "Content Management"). */
#ifndef WASME_REGISTRY_REMOVE_H
#define WASME_REGISTRY_REMOVE_H

#include "registry/registry.h"

#define REMOVE_TAGS_MAX                                                                            \
    1000 /* tags that are compared with the manifest; with more, --force is needed */

struct registry_removal {
    struct digest digest; /* of the manifest that the reference named; "": not known */
    bool whole;           /* the manifest was removed, and not only the tag */
};

/*
 * Removes the reference's tag or, when the registry cannot remove a tag alone, the manifest; a
 * reference with a digest means the manifest. Without `force`, a manifest that has other tags too
 * is not removed: ERR_FAILED names the tags. The error for a refusal has the registry's words.
 */
int registry_remove(struct registry *registry, const struct ref *ref, bool force,
                    struct registry_removal *out, struct err *err);

#endif
