#include "toolchain/survey.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define NEUTRAL_DIR "/"

void survey_finding_release(struct survey_finding *finding)
{
    free(finding->detail);
    free(finding->fix);
    *finding = (struct survey_finding){0};
}

const char *survey_name(const struct builder *builder)
{
    return builder->language ? builder->language : builder->name;
}

struct tool_place survey_place(const struct survey *survey)
{
    return (struct tool_place){
        .cwd = NEUTRAL_DIR, .quiet = true, .interrupted = survey->interrupted};
}

bool survey_is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *survey_where(const struct survey *survey, const char *program)
{
    const char *path = survey->variable("PATH");
    for (const char *at = path; at && *at; at += strcspn(at, ":"), at += *at == ':') {
        size_t len = strcspn(at, ":");
        AUTO_FREE char *file = mem_printf("%.*s/%s", (int)len, at, program);
        if (len && survey_is_program(file))
            return STEAL(file);
    }
    return NULL;
}

char *survey_with_place(const struct survey *survey, char *sentence, const char *program)
{
    AUTO_FREE char *owned = sentence;
    AUTO_FREE char *where = survey_where(survey, program);
    return where ? mem_printf("%s, %s", owned, where) : STEAL(owned);
}

int survey_ask_version(const struct survey *survey, const struct tool *tool, const char *program,
                       struct buf *out, struct err *err)
{
    const char *const argv[] = {program, "--version", NULL};
    const struct tool_call call = {
        .tool = tool, .what = program, .argv = argv, .place = survey_place(survey)};
    return tool_probe(&call, out, err);
}

int survey_take_failure(const struct tool *tool, struct survey_finding *out, struct err *err)
{
    if (err->code == ERR_INTERRUPTED)
        return err->code;
    bool absent = err->code == ERR_NOT_FOUND;
    out->verdict = absent ? SURVEY_ABSENT : SURVEY_UNFIT;
    out->detail =
        absent ? mem_printf("%s: not found in PATH", tool->program) : mem_dup(err_text(err));
    out->fix = absent ? mem_dup(tool->install)
                      : mem_printf("see what `%s` says, or %s", tool->program, tool->install);
    err_release(err);
    return 0;
}
