/* An argument vector that grows. */
#ifndef WASME_TOOLCHAIN_ARGS_H
#define WASME_TOOLCHAIN_ARGS_H

#include <stdbool.h>
#include <stddef.h>

struct args {
    const char **items; /* owned and NULL-terminated; the texts are borrowed */
    size_t count;
};

void args_add(struct args *args, const char *arg);
/* Adds all of `more`, which is NULL-terminated, or NULL. */
void args_add_all(struct args *args, const char *const *more);
void args_release(struct args *args); /* usable with AUTO() */

/* Whether `flag` is among the arguments, alone or as "<flag>=value". */
bool args_have(const char *const *args, const char *flag);
/* The value of Go's flag `name` among the arguments: -name=VALUE, --name VALUE and so on; the last
 * one counts. "" when the flag has no value, NULL when there is no such flag. */
const char *args_value(const char *const *args, const char *name);

#endif
