/* kubectl, which reads manifests from its standard input. */
#ifndef WASME_CMD_KUBECTL_H
#define WASME_CMD_KUBECTL_H

#include "base/buf.h"
#include "base/err.h"

/* Runs `kubectl VERB -f -`, "apply" or "delete", with the manifests as its input; its output goes
 * to standard error. ERR_NOT_FOUND: there is no kubectl. */
int kubectl_run(const char *verb, const struct buf *manifests, struct err *err);

#endif
