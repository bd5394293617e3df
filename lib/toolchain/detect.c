#include "toolchain/detect.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/visible.h"
#include "toolchain/fits.h"
#include "toolchain/toolchain.h"

enum { TEXT_MAX = 16 * 1024 };

void detection_release(struct detection *detection)
{
    free(detection->why);
    *detection = (struct detection){0};
}

/* The builders that a source fits, and the commands that would choose one of them. */
struct candidates {
    size_t count;
    struct detection first;
    struct buf whys, commands;
};

static void candidates_release(struct candidates *candidates)
{
    detection_release(&candidates->first);
    buf_release(&candidates->whys);
    buf_release(&candidates->commands);
}

static void add(struct candidates *candidates, const struct builder *builder,
                const struct fit_request *request, const char *tag, char *why)
{
    const char *name = builder->name;
    buf_printf(&candidates->whys, "%s%s, since %s", candidates->count ? "; " : "", name, why);
    buf_printf(&candidates->commands, "%s`wasme build %s ", candidates->count ? " or " : "", name);
    visible_quote(&candidates->commands, request->source);
    buf_printf(&candidates->commands, " -t %s`", tag);
    if (candidates->count++)
        free(why);
    else
        candidates->first = (struct detection){builder, why};
}

/* "go.mod or *.go for tinygo or go, Cargo.toml for cargo, ..." */
static void list_signs(struct buf *out)
{
    const char *before = NULL;
    for (const struct builder *const *at = builders; *at; at++) {
        if (before && strcmp(before, (*at)->signs) == 0)
            buf_printf(out, " or %s", (*at)->name);
        else
            buf_printf(out, "%s%s for %s", before ? ", " : "", (*at)->signs, (*at)->name);
        before = (*at)->signs;
    }
}

static int refuse_none(const struct fit_request *request, const char *tag, struct err *err)
{
    static const char *const wasm[] = {".wasm", NULL};
    AUTO(buf_release) struct buf signs = BUF_INIT(TEXT_MAX);
    AUTO_FREE char *module = request->is_folder ? fits_find(request->source, wasm) : NULL;
    if (module) {
        AUTO_FREE char *path = mem_printf("%s/%s", request->source, module);
        visible_quote(&signs, path);
        return err_set(err, ERR_USAGE,
                       "source %s: no language's source is there, but a finished module: `wasme "
                       "build %s -t %s`",
                       request->source, buf_text(&signs), tag);
    }
    list_signs(&signs);
    if (!request->is_folder)
        return err_set(err, ERR_USAGE,
                       "source %s is neither a folder nor a WebAssembly module: name the folder "
                       "that has %s",
                       request->source, buf_text(&signs));
    return err_set(err, ERR_USAGE,
                   "source %s: nothing there tells the language: wasme looks for %s; name the "
                   "folder that has one of them",
                   request->source, buf_text(&signs));
}

int detect_builder(const struct fit_request *asked, const char *tag, struct detection *out,
                   struct err *err)
{
    struct stat info;
    if (stat(asked->source, &info) != 0)
        return err_errno(err, "source %s", asked->source);
    struct fit_request request = *asked;
    request.is_folder = S_ISDIR(info.st_mode);
    AUTO(candidates_release)
    struct candidates found = {.whys = BUF_INIT(TEXT_MAX), .commands = BUF_INIT(TEXT_MAX)};
    for (const struct builder *const *at = builders; *at; at++) {
        char *why = (*at)->fits(&request);
        if (why)
            add(&found, *at, &request, tag, why);
    }
    if (!found.count)
        return refuse_none(&request, tag, err);
    if (found.count > 1)
        return err_set(err, ERR_USAGE, "source %s: several languages fit: %s: choose by %s",
                       request.source, buf_text(&found.whys), buf_text(&found.commands));
    *out = found.first;
    found.first = (struct detection){0};
    return 0;
}
