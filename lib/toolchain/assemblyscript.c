#include "toolchain/assemblyscript.h"

#include "base/mem.h"
#include "toolchain/fits.h"
#include "toolchain/survey.h"
#include "toolchain/tool.h"
#include "toolchain/version.h"

#define INSTALL "get Node.js and npm from https://nodejs.org/"

static int look(const struct survey *survey, struct survey_finding *out, struct err *err)
{
    static const struct tool node = {"node", INSTALL};
    AUTO(buf_release) struct buf text = BUF_INIT(TOOL_PROBE_MAX);
    struct version version = {0};
    if (survey_ask_version(survey, &node, node.program, &text, err))
        return survey_take_failure(&node, out, err);
    (void)version_find(buf_text(&text), "v", &version);
    out->detail = survey_with_place(survey, version_words("Node.js", &version), node.program);
    AUTO_FREE char *npm = survey_where(survey, "npm");
    if (npm)
        return 0;
    AUTO_FREE char *found = STEAL(out->detail);
    out->verdict = SURVEY_UNFIT;
    out->detail = mem_printf("%s, without npm", found);
    out->fix = mem_dup(INSTALL);
    return 0;
}

const struct builder assemblyscript_builder = {
    .name = "assemblyscript",
    .summary = "AssemblyScript, by npm and its compiler asc",
    .signs = "a package.json and a folder assembly",
    .fits = fits_assemblyscript,
    .look = look,
};
