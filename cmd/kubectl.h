/* kubectl, which reads manifests from its standard input. */
#ifndef WASME_CMD_KUBECTL_H
#define WASME_CMD_KUBECTL_H

#include "base/buf.h"
#include "base/err.h"

enum kubectl_verb { KUBECTL_APPLY, KUBECTL_APPLY_ON_SERVER, KUBECTL_DELETE };
/* The command as a user writes it: "kubectl apply -f -". The caller frees it. */
char *kubectl_command(enum kubectl_verb verb);

/* Runs the command with the manifests as its input; its output goes to standard error.
 * ERR_NOT_FOUND: there is no kubectl. */
int kubectl_run(enum kubectl_verb verb, const struct buf *manifests, struct err *err);

#endif
