/* Lists of names that a registry sends. Each name is checked against the grammar of references
 * before it is used or shown. */
#ifndef WASME_REGISTRY_NAMES_H
#define WASME_REGISTRY_NAMES_H

#include "base/json.h"
#include "base/notice.h"
#include "image/ref.h"

/* Names in the order of strcmp(), without doubles. */
struct registry_names {
    char **items; /* each owned */
    size_t count;
};
void registry_names_release(struct registry_names *names); /* usable with AUTO() */

enum name_kind { NAME_REPOSITORY, NAME_TAG };

/* A list while names are added to it. */
struct name_list {
    enum name_kind kind;
    const struct notice *notice; /* lent; warned about texts that are not names */
    struct registry_names names; /* not sorted yet */
    size_t refused;              /* texts that were left out */
};
void name_list_release(struct name_list *list); /* usable with AUTO() */

/* Is the text a name of that kind? */
bool name_fits(enum name_kind kind, const char *text);
/* Adds the text when it is a name; otherwise (as with NULL) leaves it out with a warning. */
void name_list_add(struct name_list *list, const char *text);
/* Adds the texts of an array, or with a `key` that member of each object in the array. */
void name_list_add_all(struct name_list *list, const struct json_t *array, const char *key);
/* Hands over the names, sorted and without doubles; the list is empty afterwards. Warns with the
 * number of texts that were left out, when they were many. */
void name_list_finish(struct name_list *list, struct registry_names *out);

#endif
