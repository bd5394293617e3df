/*
 * Whether a success was said by a registry. A login portal, a single-page application and a server
 * behind a wrong port answer anything with 200 too, and nothing is stored there.
 */
#ifndef WASME_REGISTRY_ANSWER_H
#define WASME_REGISTRY_ANSWER_H

#include "image/descriptor.h"
#include "registry/call.h"

/*
 * ERR_UNSUPPORTED names the address and what came, when the success is a web page, or lacks what
 * the protocol demands of an answer to such a call: the address of an upload, that of what was
 * stored or its digest, and for GET /v2/ no other document than an empty one.
 */
int answer_check(const struct call *call, struct err *err);
/* The same error, for a caller that looked into the body: `came` says what that is. */
int answer_refuse(const char *address, int status, const char *came, struct err *err);
/* The refusal of a HEAD, which has no words: they come with that of a GET. */
bool answer_is_mute(const struct call *call);
/* A TLS server's words to a peer that speaks plain http. */
bool answer_wants_tls(const struct call *call);
/* For the answer to a HEAD of a blob: is it there? Its size says so, or without one its digest. */
bool answer_has_blob(const struct call *call, const struct descriptor *blob);

#endif
