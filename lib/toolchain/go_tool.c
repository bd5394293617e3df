#include "toolchain/go_tool.h"

#include "base/mem.h"

const struct tool go_tool = {
    .program = "go",
    .install = "get Go 1.24 or later from https://go.dev/dl/",
};

bool go_read_version(const char *text, struct version *out)
{
    return version_find(text, "go", out);
}

int go_check_version(const struct version *version, struct err *err)
{
    if (!version_before(version, 1, 24))
        return 0;
    return err_set(err, ERR_UNSUPPORTED,
                   "Go %d.%d.%d cannot build a filter, since -buildmode=c-shared for wasip1 is new "
                   "in Go 1.24: get that or a later one from https://go.dev/dl/, or build with "
                   "`wasme build tinygo`",
                   version->major, version->minor, version->patch);
}

int go_probe(const struct tool_place *place, struct version *version, struct err *err)
{
    static const char *const argv[] = {"go", "version", NULL};
    const struct tool_call call = {
        .tool = &go_tool, .what = "go version", .argv = argv, .place = *place};
    AUTO(buf_release) struct buf text = BUF_INIT(TOOL_PROBE_MAX);
    int rc = tool_probe(&call, &text, err);
    if (rc)
        return rc;
    go_read_version(buf_text(&text), version);
    return 0;
}

bool go_builds_filters(const struct survey *survey, const char *folder)
{
    struct tool_place place = survey_place(survey);
    struct version version = {0};
    place.cwd = folder;
    AUTO(err_release) struct err err = {0};
    return go_probe(&place, &version, &err) == ERR_NOT_FOUND
               ? false
               : go_check_version(&version, ERR_IGNORED) == 0;
}
