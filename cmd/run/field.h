/* A field of a header as a line, "name: value". */
#ifndef WASME_CMD_RUN_FIELD_H
#define WASME_CMD_RUN_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/texts.h"

/* Whether the line is of the field; names know no case. */
bool field_is(const char *line, const char *name);
bool field_is_among(const struct texts *lines, const char *name);
/* The value without the blanks in front of it; of ":path: /a", which is the line of a
 * pseudo-header, "/a". */
const char *field_value(const char *line);
/* Whether the line may be sent: the name is one (RFC 9110, section 5.1), and the value has no
 * control characters. */
bool field_is_sound(const char *line);

#endif
