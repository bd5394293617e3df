/* A peer's words may repeat what we sent: a credential is not shown for that. */
#ifndef WASME_REGISTRY_REDACT_H
#define WASME_REGISTRY_REDACT_H

#include <stddef.h>

#define REDACT_PASSWORD_MIN 4 /* bytes: a shorter one is in every other word */

/* Overwrites in `text` what the line "Authorization: …" holds: a token, the encoded user and
 * password, and the password itself; each also as JSON and addresses write it. NULL: nothing. */
void redact(char *text, size_t len, const char *line);
/* The same without the password itself: for texts that have words of ours, which a password may be.
 */
void redact_sent(char *text, size_t len, const char *line);
/* The same of a secret that is no line. */
void redact_secret(char *text, size_t len, const char *secret);

#endif
