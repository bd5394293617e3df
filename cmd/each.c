#include "cmd/each.h"

#include "base/mem.h"
#include "cmd/log.h"

int each_arg(const struct cli *cli, int (*one)(void *arg, const char *text, struct err *err),
             void *arg, struct err *err)
{
    if (cli->arg_count == 1)
        return one(arg, cli->args[0], err);
    size_t failed = 0;
    int worst = 0;
    for (size_t i = 0; i < cli->arg_count; i++) {
        AUTO(err_release) struct err failure = ERR_INIT;
        int rc = one(arg, cli->args[i], &failure);
        if (rc == ERR_INTERRUPTED)
            return err_set(err, rc, "%s", err_text(&failure));
        if (!rc)
            continue;
        log_error(err_text(&failure), NULL);
        failed++;
        worst = worst && worst != rc ? ERR_FAILED : rc;
    }
    if (!failed)
        return 0;
    return err_set(err, worst, "%s: %zu of %zu failed", cli->command->name, failed, cli->arg_count);
}
