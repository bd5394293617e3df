#include "cmd/each.h"

#include "base/mem.h"
#include "cmd/log.h"

void each_take(struct each_result *result, int rc, const struct err *err)
{
    if (!rc)
        return;
    if (result->cli->arg_count == 1)
        (void)err_set(&result->only, rc, "%s", err_text(err));
    else
        log_error(err_text(err), NULL);
    if (rc == ERR_INTERRUPTED || !result->worst) /* the user asked, whatever else failed */
        result->worst = rc;
    else if (result->worst != ERR_INTERRUPTED && result->worst != rc)
        result->worst = ERR_FAILED;
    result->failed++;
}

int each_finish(struct each_result *result, struct err *err)
{
    if (!result->failed)
        return 0;
    if (result->only.code)
        return err_set(err, result->only.code, "%s", err_text(&result->only));
    return err_set(err, result->worst, "%s: %zu of %zu failed", result->cli->command->name,
                   result->failed, result->cli->arg_count);
}

void each_result_release(struct each_result *result)
{
    err_release(&result->only);
}

int each_arg(const struct cli *cli, int (*one)(void *arg, const char *text, struct err *err),
             void *arg, struct err *err)
{
    AUTO(each_result_release) struct each_result result = {.cli = cli};
    for (size_t i = 0; i < cli->arg_count; i++) {
        AUTO(err_release) struct err failure = ERR_INIT;
        int rc = one(arg, cli->args[i], &failure);
        if (rc == ERR_INTERRUPTED)
            return err_set(err, rc, "%s", err_text(&failure));
        each_take(&result, rc, &failure);
    }
    return each_finish(&result, err);
}
