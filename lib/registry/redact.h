/* A peer's words may repeat what we sent: a credential is not shown for that. */
#ifndef WASME_REGISTRY_REDACT_H
#define WASME_REGISTRY_REDACT_H

#include <stddef.h>

#define REDACT_PASSWORD_MIN 4 /* bytes: a shorter one is in every other word */

/* Overwrites in `text` what the line "Authorization: …" holds: a token, the encoded user and
 * password, and the password itself. */
void redact(char *text, size_t len, const char *line);
/* The same for several lines, with NULL behind the last one. */
void redact_sent(char *text, size_t len, const char *const *lines);
/* The secret itself, as it is and with JSON's escapes. NULL: nothing. */
void redact_secret(char *text, size_t len, const char *secret);

#endif
