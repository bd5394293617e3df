#include "cmd/each.h"

#include "base/mem.h"
#include "cmd/log.h"

void each_take(struct each_result *result, int rc, struct err *err)
{
    if (!rc)
        return;
    if (result->count == 1)
        (void)err_move(&result->only, err);
    else
        log_pairs(LOG_ERROR, err_text(err), NULL);
    err_release(err);
    if (rc == ERR_INTERRUPTED || !result->worst) /* other failures matter less */
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
        return err_move(err, &result->only);
    return err_set(err, result->worst, "%s: %zu of %zu failed", result->command, result->failed,
                   result->count);
}

void each_result_release(struct each_result *result)
{
    err_release(&result->only);
}

int each_arg(const struct cli *cli, int (*one)(void *arg, const char *text, struct err *err),
             void *arg, struct err *err)
{
    AUTO(each_result_release)
    struct each_result result = {.command = cli->command->name, .count = cli->arg_count};
    for (size_t i = 0; i < cli->arg_count; i++) {
        int rc = one(arg, cli->args[i], err);
        if (rc == ERR_INTERRUPTED)
            return rc;
        each_take(&result, rc, err);
    }
    return each_finish(&result, err);
}
