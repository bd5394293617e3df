/* Hides credentials in texts that a peer has sent, since a peer may repeat a request. */
#ifndef WASME_REGISTRY_REDACT_H
#define WASME_REGISTRY_REDACT_H

#include <stddef.h>

#define REDACT_PASSWORD_MIN 4 /* bytes; a shorter password would be found in ordinary words */

/* Overwrites in `text` all secrets of the line "Authorization: …": a token, the encoded user and
 * password, and the password itself, each also in the forms of JSON and of addresses. With another
 * line, or NULL, nothing changes. */
void redact(char *text, size_t len, const char *line);
/* The same without the password itself, for texts that also have words of wasme: one of these could
 * happen to be the password. */
void redact_sent(char *text, size_t len, const char *line);
/* The same for a secret by itself, which is no header line. */
void redact_secret(char *text, size_t len, const char *secret);

#endif
