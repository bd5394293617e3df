#include "toolchain/tool.h"

#include <dirent.h>
#include <signal.h>
#include <string.h>

#include "base/dir.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/visible.h"
#include "toolchain/args.h"
#include "toolchain/container.h"

#define LINE_MAX_BYTES (256 * 1024)
#define TOOL_TALK_MAX (256 * 1024) /* bytes kept of what a tool says */
#define TOOL_LINE_MAX 300          /* bytes of a line that an error repeats */

/* In NAME=value the value may need quotes; the name and the sign must not get any. */
static void add_assignment(struct buf *line, const char *assignment)
{
    size_t name = strcspn(assignment, "=") + 1;
    buf_add(line, assignment, name);
    visible_quote(line, assignment + name);
    buf_add_char(line, ' ');
}

struct tool_place tool_place_of(const struct build_request *request)
{
    return (struct tool_place){.cwd = request->source,
                               .container = request->container,
                               .interrupted = request->interrupted};
}

char *tool_line(const struct tool_call *call)
{
    struct buf line = BUF_INIT(LINE_MAX_BYTES);
    const char *cwd = call->place.cwd;
    if (cwd && strcmp(cwd, ".") != 0) {
        buf_add_text(&line, "cd ");
        visible_quote(&line, cwd);
        buf_add_text(&line, " && ");
    }
    for (const char *const *env = call->env; env && *env; env++)
        add_assignment(&line, *env);
    for (const char *const *arg = call->argv; *arg; arg++) {
        if (arg != call->argv)
            buf_add_char(&line, ' ');
        visible_quote(&line, *arg);
    }
    return buf_steal(&line);
}

/* The first line with the words of a symptom, and what to do; NULL: nothing is known. */
static char *find_symptom(const struct tool_symptom *symptoms, const char *talk)
{
    for (; symptoms && symptoms->words; symptoms++) {
        const char *at = strstr(talk, symptoms->words);
        if (!at)
            continue;
        const char *line = at;
        while (line > talk && line[-1] != '\n')
            line--;
        line += strspn(line, " \t");
        size_t len = strcspn(line, "\r\n");
        while (len && strchr(" \t:", line[len - 1]))
            len--;
        int shown = len < TOOL_LINE_MAX ? (int)len : TOOL_LINE_MAX;
        return mem_printf("%.*s: %s", shown, line, symptoms->fix);
    }
    return NULL;
}

/* Makes an error of the exit status. Of the words of a quiet tool it takes the first line that is
 * not empty: further lines advise, or repeat that one. */
static int refuse_status(const struct tool_call *call, int status, struct buf *talk,
                         struct err *err)
{
    AUTO_FREE char *known = find_symptom(call->symptoms, buf_text(talk));
    if (status == 128 + SIGINT)
        return err_set(err, ERR_INTERRUPTED, "%s was interrupted", call->what);
    if (status > 128)
        return err_set(err, ERR_FAILED, "%s was ended by signal %d", call->what, status - 128);
    if (known)
        return err_set(err, ERR_FAILED, "%s ended with status %d: %s", call->what, status, known);
    if (!call->place.quiet)
        return err_set(err, ERR_FAILED, "%s ended with status %d: see its output above", call->what,
                       status);
    const char *words = buf_text(talk);
    words += strspn(words, " \t\r\n");
    return err_set(err, ERR_FAILED, "%s ended with status %d%s%.*s", call->what, status,
                   *words ? ": " : "", (int)strcspn(words, "\r\n"), words);
}

/* What a tool says: kept, and handed on. */
struct listener {
    struct buf talk;
    void (*hand_on)(const void *data, size_t len); /* NULL: nobody else listens */
};

static void listener_release(struct listener *listener)
{
    buf_release(&listener->talk);
}

static bool listen(void *arg, const void *data, size_t len)
{
    struct listener *listener = arg;
    if (listener->hand_on)
        listener->hand_on(data, len);
    if (!buf_overflowed(&listener->talk))
        buf_add(&listener->talk, data, len);
    return true;
}

/* The command that does it: that of docker or podman when the tool is in an image. leave() must
 * follow. */
static struct tool_call enter(const struct tool_call *call, const char *const *env, bool takes_time)
{
    struct tool_call real = *call;
    real.env = env;
    if (!call->place.container)
        return real;
    real.argv =
        container_begin(call->place.container, call->place.cwd, call->argv, env, takes_time);
    real.env = NULL;
    real.place.cwd = NULL;
    return real;
}

static void leave(const struct tool_call *real, bool failed)
{
    if (real->place.container)
        container_end(real->place.container, failed);
}

static int run(const struct tool_call *real, struct listener *listener, int *status,
               struct buf *out, struct err *err)
{
    const struct process_sink none = {0}, kept = {listen, listener};
    const struct process process = {.argv = real->argv,
                                    .cwd = real->place.cwd,
                                    .env = real->env,
                                    .output = out ? process_keep(out) : none,
                                    .output_to_stderr = true,
                                    .talk = real->place.quiet || listener->hand_on ? kept : none,
                                    .own_group = real->place.interrupted != NULL,
                                    .interrupted = real->place.interrupted};
    int rc = process_run(&process, status, err);
    leave(real, rc != 0);
    if (rc == ERR_NOT_FOUND)
        return err_set(err, rc, "%s: not found in PATH: %s%s", real->tool->program,
                       real->tool->install,
                       real->tool->stays ? "" : ", or name an image that has it with --image");
    return rc == ERR_INTERRUPTED ? err_set(err, rc, "%s was interrupted", real->what) : rc;
}

/* The tool is not in the image, or cannot be run there. */
static int refuse_image(const struct tool_call *call, int status, struct err *err)
{
    const struct container *container = call->place.container;
    if (status == CONTAINER_NO_PROGRAM)
        return err_set(err, ERR_FAILED, "--image %s: the image has no %s: name one that has it",
                       container_image(container), call->tool->program);
    return err_set(err, ERR_FAILED, "--image %s: %s could not run %s there: see its output above",
                   container_image(container), container_engine(container), call->what);
}

static int probe(const struct tool_call *call, int *status, struct buf *out, struct err *err)
{
    AUTO(listener_release) struct listener listener = {BUF_INIT(TOOL_TALK_MAX), NULL};
    const struct tool_call real = enter(call, call->env, false);
    int rc = run(&real, &listener, status, out, err);
    if (rc)
        return rc;
    if (buf_overflowed(out))
        return err_set(err, ERR_DAMAGED, "%s printed more than %zu bytes", call->what, out->max);
    if (call->place.container && *status >= CONTAINER_NOT_RUN && *status <= CONTAINER_NO_PROGRAM)
        return refuse_image(call, *status, err);
    return *status ? refuse_status(call, *status, &listener.talk, err) : 0;
}

int tool_probe(const struct tool_call *call, struct buf *out, struct err *err)
{
    int status = 0;
    return probe(call, &status, out, err);
}

static bool folder_has(const char *folder, const char *start)
{
    AUTO(dir_close_at) DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL) {
        if (strncmp(entry->d_name, start, strlen(start)) == 0)
            return true;
    }
    return false;
}

int tool_folder_has(const struct tool_place *place, const char *folder, const char *start,
                    struct err *err)
{
    static const struct tool ls = {.program = "ls"};
    if (!place->container)
        return folder_has(folder, start);
    const char *const argv[] = {"ls", "-A", folder, NULL};
    AUTO(buf_release) struct buf names = BUF_INIT(TOOL_PROBE_MAX);
    struct tool_call call = {.tool = &ls, .what = "ls", .argv = argv, .place = *place};
    int status = 0;
    buf_add_char(&names, '\n');
    call.place.quiet = true;
    int rc = probe(&call, &status, &names, err);
    if (rc && (rc == ERR_INTERRUPTED || status <= 0 || status >= CONTAINER_NOT_RUN))
        return rc;
    err_release(err);
    AUTO_FREE char *wanted = mem_printf("\n%s", start);
    return strstr(buf_text(&names), wanted) != NULL;
}

/* Points the tool to a folder for its temporary files that wasme removes afterwards: a tool that
 * was ended by a signal leaves files behind. */
static int set_temporary(const struct build_request *request, const struct tool_call *call,
                         char **assignment, struct args *env, struct err *err)
{
    AUTO_FREE char *folder = request->work_dir ? mem_printf("%s/tmp", request->work_dir) : NULL;
    int rc = folder ? dir_make_all(folder, err) : 0;
    if (rc)
        return rc;
    args_add_all(env, call->env);
    if (folder) {
        *assignment = mem_printf("TMPDIR=%s", folder);
        args_add(env, *assignment);
    }
    return 0;
}

/* Without the temporary folder, which is no part of what one would type. In a container it is. */
static void tell(const struct build_request *request, const struct tool_call *call)
{
    if (!request->command)
        return;
    AUTO_FREE char *line = tool_line(call);
    request->command(request->command_arg, line);
}

int tool_build(const struct build_request *request, const struct tool_call *call, struct buf *out,
               struct err *err)
{
    AUTO_FREE char *temporary = NULL;
    AUTO(args_release) struct args env = {0};
    int rc = set_temporary(request, call, &temporary, &env, err);
    if (rc)
        return rc;
    AUTO(listener_release)
    struct listener listener = {BUF_INIT(TOOL_TALK_MAX), call->symptoms ? request->talk : NULL};
    const struct tool_call real = enter(call, env.items, true);
    int status = 0;
    tell(request, call->place.container ? &real : call);
    rc = run(&real, &listener, &status, out, err);
    if (!rc && status)
        rc = refuse_status(call, status, &listener.talk, err);
    if (!rc && out && buf_overflowed(out))
        return err_set(err, ERR_DAMAGED, "%s printed more than %zu bytes", call->what, out->max);
    return rc;
}
