/*
 * The forms in which people have credentials, each brought to Docker's:
 *
 *     {"auths": {…}, "credHelpers": {…}, "credsStore": …}   config.json of Docker, auth.json
 *     {"HOST": {"auth": …, "email": …}, …}                  .dockercfg of Docker before 1.7
 *     {"kind": "Secret", "data": {".dockerconfigjson": base64 of the first form}}
 *     {"kind": "Secret", "data": {".dockercfg": base64 of the second}}
 *
 * The last two are Secrets of Kubernetes ("Pull an Image from a Private Registry"), as
 * `kubectl get secret NAME -o json` writes them; "stringData" has the text without base64, and
 * counts before "data".
 */
#ifndef WASME_CREDENTIAL_FORM_H
#define WASME_CREDENTIAL_FORM_H

#include "base/json.h"

enum credential_form {
    CREDENTIAL_DOCKER, /* or an object that has no credentials in any form */
    CREDENTIAL_LEGACY, /* the document itself is what "auths" is otherwise */
    CREDENTIAL_SECRET, /* the document is what was in it, of one of the forms above */
};

/*
 * Parses the text; the document has Docker's form, or the legacy one: credential_form_auths(). A
 * Secret is opened. Hands over the document: json_doc_free_at(). ERR_DAMAGED: no JSON object, or a
 * Secret without credentials for registries; one in YAML is named. The words hold no secret.
 */
int credential_form_parse(const char *text, size_t len, struct json_t **doc,
                          enum credential_form *form, struct err *err);
/* The object whose members are named after registries; NULL: there is none. Borrowed. */
const struct json_t *credential_form_auths(const struct json_t *doc);

#endif
