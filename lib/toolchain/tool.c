#include "toolchain/tool.h"

#include <signal.h>
#include <string.h>

#include "base/mem.h"
#include "base/process.h"
#include "toolchain/args.h"

#define LINE_MAX_BYTES (256 * 1024)

/* The value of NAME=value may need quotes, the name and the sign must not get any. */
static void add_assignment(struct buf *line, const char *assignment)
{
    size_t name = strcspn(assignment, "=") + 1;
    buf_add(line, assignment, name);
    args_quote(line, assignment + name);
    buf_add_char(line, ' ');
}

char *tool_line(const struct tool_call *call)
{
    struct buf line = BUF_INIT(LINE_MAX_BYTES);
    if (call->cwd && strcmp(call->cwd, ".") != 0) {
        buf_add_text(&line, "cd ");
        args_quote(&line, call->cwd);
        buf_add_text(&line, " && ");
    }
    for (const char *const *env = call->env; env && *env; env++)
        add_assignment(&line, *env);
    for (const char *const *arg = call->argv; *arg; arg++) {
        if (arg != call->argv)
            buf_add_char(&line, ' ');
        args_quote(&line, *arg);
    }
    return buf_steal(&line);
}

static int run(const struct tool_call *call, struct buf *out, struct err *err)
{
    struct process process = {
        .argv = call->argv, .cwd = call->cwd, .env = call->env, .output_to_stderr = true};
    int status = 0;
    int rc =
        out ? process_capture(&process, out, &status, err) : process_run(&process, &status, err);
    if (rc == ERR_NOT_FOUND)
        return err_set(err, ERR_NOT_FOUND, "%s: not found in PATH: %s", call->tool->program,
                       call->tool->install);
    if (rc)
        return rc;
    if (status == 128 + SIGINT)
        return err_set(err, ERR_INTERRUPTED, "%s was interrupted", call->what);
    if (status > 128)
        return err_set(err, ERR_FAILED, "%s was ended by signal %d", call->what, status - 128);
    if (status)
        return err_set(err, ERR_FAILED, "%s ended with status %d: see its output above", call->what,
                       status);
    return 0;
}

int tool_probe(const struct tool_call *call, struct buf *out, struct err *err)
{
    int rc = run(call, out, err);
    if (!rc && buf_overflowed(out))
        return err_set(err, ERR_DAMAGED, "%s printed more than %zu bytes", call->what, out->max);
    return rc;
}

int tool_build(const struct build_request *request, const struct tool_call *call, struct buf *out,
               struct err *err)
{
    if (request->command) {
        AUTO_FREE char *line = tool_line(call);
        request->command(request->command_arg, line);
    }
    int rc = run(call, out, err);
    if (!rc && out && buf_overflowed(out))
        return err_set(err, ERR_DAMAGED, "%s printed more than %zu bytes", call->what, out->max);
    return rc;
}
