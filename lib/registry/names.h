/* Names that a registry lists, held against the grammar of references before anyone sees them. */
#ifndef WASME_REGISTRY_NAMES_H
#define WASME_REGISTRY_NAMES_H

#include "base/json.h"
#include "registry/discovery.h"

enum name_kind { NAME_REPOSITORY, NAME_TAG };

/* Names as they come; see registry_names for what they become. */
struct name_list {
    enum name_kind kind;
    const struct notice *notice; /* lent; warnings */
    struct registry_names names;
    size_t refused;
};
void name_list_release(struct name_list *list); /* usable with AUTO() */

bool name_fits(enum name_kind kind, const char *text);
/* NULL is no name. */
void name_list_add(struct name_list *list, const char *text);
/* The texts of an array, or the member `key` of its objects. */
void name_list_add_all(struct name_list *list, const struct json_t *array, const char *key);
/* Sorted, each once; the list is empty afterwards. Tells how many were left out. */
void name_list_finish(struct name_list *list, struct registry_names *out);

#endif
