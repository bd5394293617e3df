#include "cmd/kubectl.h"

#include <string.h>

#include "base/process.h"
#include "cmd/interrupt.h"
#include "cmd/log.h"

int kubectl_run(const char *verb, const struct buf *manifests, struct err *err)
{
    bool removes = strcmp(verb, "delete") == 0;
    const char *const argv[] = {"kubectl",
                                verb,
                                removes ? "--ignore-not-found" : "-f",
                                removes ? "-f" : "-",
                                removes ? "-" : NULL,
                                NULL};
    const struct process process = {
        .argv = argv,
        .input = buf_text(manifests),
        .input_len = manifests->len,
        .output_to_stderr = true,
        .interrupted = interrupt_catch_for_child(),
    };
    int status = 0;
    log_infof("kubectl %s%s -f -", verb, removes ? " --ignore-not-found" : "");
    int rc = process_run(&process, &status, err);
    if (rc == ERR_NOT_FOUND)
        return err_set(
            err, rc,
            "--apply: kubectl was not found in PATH: install it, or pipe the manifest to "
            "`kubectl %s -f -` where it is",
            verb);
    if (rc)
        return err_wrap(err, "kubectl %s", verb);
    return status == 0
               ? 0
               : err_set(err, ERR_FAILED, "kubectl %s ended with status %d: see its output above",
                         verb, status);
}
