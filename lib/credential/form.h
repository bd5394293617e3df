/*
 * The forms of credentials files. Each of them is brought to Docker's, the first one:
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
    CREDENTIAL_DOCKER, /* or an object without credentials in any form */
    CREDENTIAL_LEGACY, /* the document itself is the object that "auths" is in Docker's form */
    CREDENTIAL_SECRET, /* the document is the content of a Secret, in one of the forms above */
    CREDENTIAL_FORM_COUNT,
};

/*
 * Parses a text of any of the forms, and opens a Secret. The document then has Docker's form or the
 * legacy one; credential_form_auths() knows both. The caller owns the document:
 * json_doc_free_at(). ERR_DAMAGED: the text is not a JSON object, or is a Secret without
 * credentials for registries; the error for a Secret in YAML says so. No error repeats a secret.
 */
int credential_form_parse(const char *text, size_t len, struct json_t **doc,
                          enum credential_form *form, struct err *err);
/* The object whose members are named after registries; NULL: there is none. Borrowed. */
const struct json_t *credential_form_auths(const struct json_t *doc);

#endif
