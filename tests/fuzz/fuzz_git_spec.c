/* Any two texts, with a newline between: a source in git, and the address of a submodule of it.
 * What is accepted has no part that a program would take for an option or a further line, and no
 * folder that leads out; an address that is shown can be read again, and has no password. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "git/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    for (; text && *text; text++)
        if ((unsigned char)*text < ' ')
            abort();
}

static void check_dir(const char *dir)
{
    for (const char *at = dir; at && *at; at += strcspn(at, "/"), at += strspn(at, "/"))
        if (strcspn(at, "/") == 2 && at[0] == '.' && at[1] == '.')
            abort();
    if (dir && (!*dir || *dir == '/'))
        abort();
}

static void check(const struct git_spec *spec)
{
    AUTO(git_spec_release) struct git_spec again = {0};
    if (!spec->url || !spec->path || (spec->scheme != GIT_SCHEME_FILE) != (spec->host != NULL))
        abort();
    if ((spec->host && spec->host[0] == '-') || (spec->user && spec->user[0] == '-') ||
        (spec->ref && spec->ref[0] == '-'))
        abort();
    check_text(spec->host);
    check_text(spec->user);
    check_text(spec->password);
    check_text(spec->path);
    check_text(spec->ref);
    check_dir(spec->dir);
    if (git_spec_parse(spec->url, &again, ERR_IGNORED) != 0 || again.password ||
        strcmp(again.url, spec->url) != 0 || !mem_same_text(again.path, spec->path))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = mem_dup_n((const char *)data, size);
    char *module = strchr(text, '\n');
    if (module)
        *module++ = '\0';
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(git_spec_release) struct git_spec spec = {0};
    AUTO(git_spec_release) struct git_spec below = {0};
    int rc = git_spec_parse(text, &spec, &err);
    if ((rc != 0) != (err.code != 0) || (rc == 0) != (spec.url != NULL))
        abort();
    if (rc)
        return 0;
    if (!git_spec_is_url(text))
        abort();
    check(&spec);
    if (!module || git_spec_of_submodule(&spec, module, &below, ERR_IGNORED) != 0)
        return 0;
    check(&below);
    if (below.scheme == GIT_SCHEME_FILE && spec.scheme != GIT_SCHEME_FILE)
        abort();
    return 0;
}
