#include "toolchain/artifact.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"

struct artifact {
    char *path;
    char *package;
    bool wanted; /* the package is that of the folder which is built */
};

struct artifacts {
    struct artifact items[ARTIFACT_MAX];
    size_t count;
    bool programs; /* there are modules of main functions */
};

static void artifacts_release(struct artifacts *artifacts)
{
    for (size_t i = 0; i < artifacts->count; i++) {
        free(artifacts->items[i].path);
        free(artifacts->items[i].package);
    }
    artifacts->count = 0;
}

static bool has_text(const struct json_t *array, const char *wanted)
{
    for (size_t i = 0; i < json_arr_len(array); i++) {
        const char *text = json_text(json_arr_at(array, i));
        if (text && strcmp(text, wanted) == 0)
            return true;
    }
    return false;
}

static const char *wasm_file(const struct json_t *files)
{
    for (size_t i = 0; i < json_arr_len(files); i++) {
        const char *file = json_text(json_arr_at(files, i));
        size_t len = file ? strlen(file) : 0;
        if (len > 5 && strcmp(file + len - 5, ".wasm") == 0)
            return file;
    }
    return NULL;
}

/*
 * The name in a package id. Since Rust 1.77 the id is a URL: "path+file:///dir#name@1.0.0", or
 * "path+file:///dir/name#1.0.0" when the folder has the same name. Before, it was
 * "name 1.0.0 (path+...)".
 */
static char *package_name(const char *id)
{
    const char *hash = strrchr(id, '#');
    if (!hash || strchr(id, ' '))
        return mem_dup_n(id, strcspn(id, " "));
    const char *at_sign = strchr(hash, '@');
    if (at_sign)
        return mem_dup_n(hash + 1, (size_t)(at_sign - hash) - 1);
    const char *start = hash;
    while (start > id && start[-1] != '/')
        start--;
    return mem_dup_n(start, (size_t)(hash - start));
}

static void add(struct artifacts *artifacts, const char *file, const char *id, bool wanted)
{
    if (artifacts->count == ARTIFACT_MAX)
        return;
    struct artifact *artifact = &artifacts->items[artifacts->count++];
    *artifact =
        (struct artifact){.path = mem_dup(file), .package = package_name(id), .wanted = wanted};
}

/* Only packages on this disk count: a dependency from a registry may be a cdylib, too. */
static void read_message(const struct json_t *message, const char *manifest,
                         struct artifacts *artifacts)
{
    const char *reason = json_member_text(message, "reason");
    const char *id = json_member_text(message, "package_id");
    if (!reason || strcmp(reason, "compiler-artifact") != 0 || !id || !strstr(id, "path+file:"))
        return;
    const struct json_t *target = json_member(message, "target");
    const char *file = wasm_file(json_member(message, "filenames"));
    const struct json_t *types = json_member(target, "crate_types");
    artifacts->programs = artifacts->programs || (file && has_text(types, "bin"));
    if (!file || !has_text(types, "cdylib"))
        return;
    const char *from = json_member_text(message, "manifest_path");
    add(artifacts, file, id, from && strcmp(from, manifest) == 0);
}

static void read_messages(const char *messages, const char *manifest, struct artifacts *artifacts)
{
    for (const char *line = messages; *line;) {
        size_t len = strcspn(line, "\n");
        AUTO(json_doc_free_at) struct json_t *message = NULL;
        if (*line == '{' && json_doc_parse(line, len, &message, ERR_IGNORED) == 0)
            read_message(message, manifest, artifacts);
        line += len + (line[len] == '\n');
    }
}

static const struct artifact *choose(const struct artifacts *artifacts)
{
    const struct artifact *wanted = NULL;
    if (artifacts->count == 1)
        return &artifacts->items[0];
    for (size_t i = 0; i < artifacts->count; i++) {
        if (!artifacts->items[i].wanted)
            continue;
        if (wanted)
            return NULL;
        wanted = &artifacts->items[i];
    }
    return wanted;
}

static int refuse_several(const struct artifacts *artifacts, struct err *err)
{
    AUTO(buf_release) struct buf names = BUF_INIT(4096);
    for (size_t i = 0; i < artifacts->count; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", artifacts->items[i].package);
    return err_set(err, ERR_FAILED,
                   "cargo build made %zu modules, of the packages %s: choose one with `-- -p NAME`",
                   artifacts->count, buf_text(&names));
}

int artifact_find(const char *messages, const char *manifest, char **path, struct err *err)
{
    AUTO(artifacts_release) struct artifacts artifacts = {.count = 0};
    read_messages(messages, manifest, &artifacts);
    if (artifacts.count == 0)
        return err_set(err, ERR_FAILED,
                       "cargo build made no module%s: a filter is a library, in src/lib.rs, and "
                       "its Cargo.toml has [lib] with crate-type = [\"cdylib\"]",
                       artifacts.programs ? " but a program with a main function" : "");
    const struct artifact *chosen = choose(&artifacts);
    if (!chosen)
        return refuse_several(&artifacts, err);
    *path = mem_dup(chosen->path);
    return 0;
}
