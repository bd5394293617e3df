/* Printing the names that a registry lists: one a line, or as a JSON array. */
#ifndef WASME_CMD_NAMES_H
#define WASME_CMD_NAMES_H

#include <stdbool.h>

#include "registry/discovery.h"

int names_print(const struct registry_names *names, bool json, struct err *err);

#endif
