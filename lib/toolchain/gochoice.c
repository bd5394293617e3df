#include "toolchain/gochoice.h"

#include <stdlib.h>

#include "base/mem.h"
#include "toolchain/fits.h"
#include "toolchain/go_tool.h"
#include "toolchain/gobuild.h"
#include "toolchain/project.h"

/* The first of the modules that the go.mod requires, or whose own it is: "requires MODULE", which
 * the caller frees; NULL: there is none. */
static char *find_required(const char *mod, const char *const *modules)
{
    for (; mod && *modules; modules++) {
        if (gosource_is_module(mod, *modules))
            return mem_printf("is that of %s", *modules);
        if (gosource_requires(mod, *modules))
            return mem_printf("requires %s", *modules);
    }
    return NULL;
}

/* A choice that the installed Go may turn: these sources run with both compilers. */
static bool choose_by_tools(const struct gochoice *facts, const char *reason, char **why)
{
    bool tinygo = !facts->go_builds && facts->has_tinygo;
    *why = tinygo ? mem_printf("%s, and there is no Go 1.24 or later, but TinyGo", reason)
                  : mem_dup(reason);
    return tinygo;
}

/* Build constraints that leave one compiler without a func main decide. */
static bool is_decided_by_files(const struct gochoice *facts, bool *tinygo, char **why)
{
    bool go = facts->go->main != GO_MAIN_NONE;
    *tinygo = facts->tinygo->main != GO_MAIN_NONE;
    if (go == *tinygo)
        return false;
    *why = mem_printf("the //go:build lines leave func main to %s alone",
                      *tinygo ? "TinyGo" : "Go's own compiler");
    return true;
}

bool gochoice_is_tinygo(const struct gochoice *facts, char **why)
{
    static const char *const for_tinygo[] = {"github.com/tetratelabs/proxy-wasm-go-sdk",
                                             "github.com/wasilibs/nottinygc", NULL};
    static const char *const for_both[] = {"github.com/proxy-wasm/proxy-wasm-go-sdk",
                                           "github.com/higress-group/wasm-go",
                                           "github.com/higress-group/proxy-wasm-go-sdk",
                                           "github.com/alibaba/higress/plugins/wasm-go", NULL};
    bool tinygo = false;
    if (is_decided_by_files(facts, &tinygo, why))
        return tinygo;
    AUTO_FREE char *one = find_required(facts->mod, for_tinygo);
    if (one) {
        *why = mem_printf("go.mod %s, which is for TinyGo", one);
        return true;
    }
    AUTO_FREE char *both = find_required(facts->mod, for_both);
    if (both) {
        AUTO_FREE char *reason = mem_printf("go.mod %s", both);
        return choose_by_tools(facts, reason, why);
    }
    if (facts->go->wasmexport || facts->tinygo->wasmexport)
        return choose_by_tools(facts, "the source exports by //go:wasmexport", why);
    if (facts->tinygo->export) {
        *why = mem_dup("the source exports by //export, as for TinyGo");
        return true;
    }
    if (facts->tinygo->main == GO_MAIN_CODE) {
        *why = mem_dup("func main does something, and Go's own compiler would never call it");
        return true;
    }
    return choose_by_tools(facts, "the folder has Go files", why);
}

/* --- The sources and tools of this machine --- */

static bool is_go(const struct fit_request *request)
{
    static const char *const suffixes[] = {".go", NULL};
    if (!request->is_folder)
        return false;
    AUTO_FREE char *file = fits_find(request->source, suffixes);
    return file || fits_has(request->source, "go.mod") || fits_has(request->source, "go.work");
}

/* Whether Go sources are for the compiler; then the caller frees the words. */
static char *fits(const struct fit_request *request, bool for_tinygo)
{
    if (!is_go(request))
        return NULL;
    const struct gobuild go_build = {.compiler = "gc", .tags = request->tags};
    const struct gobuild tinygo_build = {.compiler = "tinygo", .tags = request->tags};
    const struct survey survey = {request->variable, request->interrupted};
    AUTO(gosource_release) struct gosource go = {0};
    AUTO(gosource_release) struct gosource tinygo = {0};
    gosource_look(request->source, &go_build, &go);
    gosource_look(request->source, &tinygo_build, &tinygo);
    AUTO_FREE char *path = project_find_up(request->source, "go.mod");
    AUTO_FREE char *mod = path ? project_read(path) : NULL;
    AUTO_FREE char *tool = request->in_image ? NULL : survey_where(&survey, "tinygo");
    AUTO_FREE char *why = NULL;
    const struct gochoice facts = {.mod = mod,
                                   .go = &go,
                                   .tinygo = &tinygo,
                                   .go_builds = request->in_image ||
                                                go_builds_filters(&survey, request->source),
                                   .has_tinygo = tool != NULL};
    return gochoice_is_tinygo(&facts, &why) == for_tinygo ? STEAL(why) : NULL;
}

char *gochoice_fits_go(const struct fit_request *request)
{
    return fits(request, false);
}

char *gochoice_fits_tinygo(const struct fit_request *request)
{
    return fits(request, true);
}
