/*
 * Checks whether an answer comes from a registry. A login portal, a single-page application, or the
 * server behind a wrong port may answer every request with 200, though nothing is stored there.
 */
#ifndef WASME_REGISTRY_ANSWER_H
#define WASME_REGISTRY_ANSWER_H

#include "image/descriptor.h"
#include "registry/call.h"

/*
 * Checks an answer of success. ERR_UNSUPPORTED: the answer is a web page, or lacks a thing that the
 * protocol demands: the address of an upload after POST, the address or the digest of the stored
 * thing after PUT, an empty document after GET /v2/. The error names the address and the answer.
 */
int answer_check(const struct call *call, struct err *err);
/* Makes the same error for a caller that has looked into the body; `came` describes the answer
 * ("without JSON"). */
int answer_refuse(const char *address, int status, const char *came, struct err *err);
/* Is the answer the refusal of a HEAD, whose words only a GET would bring? */
bool answer_is_mute(const struct call *call);
/* Does a TLS server say that the client speaks plain http to it? */
bool answer_wants_tls(const struct call *call);
/* Does the answer to a HEAD of the blob say that the blob is there? The size must be the blob's;
 * without a size, the digest. */
bool answer_has_blob(const struct call *call, const struct descriptor *blob);

#endif
