/* Which types are equal, and which is a part of another (core specification 3.3, "Matching"): types
 * are equal when the recursion groups that they stand in are equal. */
#ifndef WASME_MODULE_TYPE_SAME_H
#define WASME_MODULE_TYPE_SAME_H

#include "module/module.h"

/* The groups that are known, by a hash; all zero at first. */
struct type_groups {
    struct {
        uint32_t hash, first; /* first: plus 1, or 0 for none */
    } * slots;
    size_t room, used;
};

/* Sets `same` of the types from `first` on, the last group of the module. */
void type_same_add(struct type_groups *groups, struct module *module, uint32_t first);
void type_same_release(struct type_groups *groups);

/* Does a value of the type `is` do where `wanted` is asked for? */
bool type_matches(const struct module *module, struct value_type is, struct value_type wanted);
/* Does the type have what the type has that it extends, if any? */
bool type_extends_well(const struct module *module, uint32_t index);

#endif
