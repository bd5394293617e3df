#include "cmd/kubectl.h"

#include "base/mem.h"
#include "base/process.h"
#include "cmd/interrupt.h"
#include "cmd/log.h"

static const char *const argvs[][6] = {
    [KUBECTL_APPLY] = {"kubectl", "apply", "-f", "-"},
    [KUBECTL_APPLY_ON_SERVER] = {"kubectl", "apply", "--server-side", "-f", "-"},
    [KUBECTL_DELETE] = {"kubectl", "delete", "--ignore-not-found", "-f", "-"},
};

char *kubectl_command(enum kubectl_verb verb)
{
    AUTO(buf_release) struct buf out = BUF_INIT(256);
    for (const char *const *word = argvs[verb]; *word; word++)
        buf_printf(&out, "%s%s", out.len ? " " : "", *word);
    return buf_steal(&out);
}

int kubectl_run(enum kubectl_verb verb, const struct buf *manifests, struct err *err)
{
    const struct process process = {
        .argv = argvs[verb],
        .input = buf_text(manifests),
        .input_len = manifests->len,
        .output_to_stderr = true,
        .interrupted = interrupt_catch_for_child(),
    };
    int status = 0;
    AUTO_FREE char *command = kubectl_command(verb);
    log_infof("%s", command);
    int rc = process_run(&process, &status, err);
    if (rc == ERR_NOT_FOUND)
        return err_set(err, rc,
                       "--apply: kubectl was not found in PATH: install it, or pipe the manifest "
                       "to `%s` where it is",
                       command);
    if (rc)
        return err_wrap(err, "kubectl %s", argvs[verb][1]);
    return status == 0
               ? 0
               : err_set(err, ERR_FAILED, "kubectl %s ended with status %d: see its output above",
                         argvs[verb][1], status);
}
