#include "toolchain/assemblyscript_project.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "toolchain/project.h"

void assemblyscript_project_release(struct assemblyscript_project *project)
{
    free(project->config);
    *project = (struct assemblyscript_project){0};
}

void assemblyscript_tools_release(struct assemblyscript_tools *tools)
{
    free(tools->asc);
    *tools = (struct assemblyscript_tools){0};
}

static bool has_file(const char *folder, const char *name)
{
    AUTO_FREE char *path = mem_printf("%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

/* The scripts for one optimized module come first: asbuild of the usual template builds a second
 * module, for debugging. */
static const char *find_script(const struct json_t *package)
{
    static const char *const names[] = {"asbuild:release", "asbuild:optimized", "asbuild", "build"};
    const struct json_t *scripts = json_member(package, "scripts");
    for (size_t i = 0; i < COUNT(names); i++)
        if (json_member_text(scripts, names[i]))
            return names[i];
    return NULL;
}

static bool depends_on(const struct json_t *package, const char *name)
{
    return json_member(json_member(package, "devDependencies"), name) ||
           json_member(json_member(package, "dependencies"), name);
}

static const char *find_install(const char *folder, bool locked)
{
    if (locked)
        return "npm ci";
    if (has_file(folder, "yarn.lock"))
        return "yarn install";
    return has_file(folder, "pnpm-lock.yaml") ? "pnpm install" : "npm install";
}

static void read_config(const char *folder, struct assemblyscript_project *out)
{
    AUTO(json_doc_free_at) struct json_t *config = NULL;
    AUTO_FREE char *path = mem_printf("%s/asconfig.json", folder);
    out->config = project_read(path);
    if (out->config && json_doc_parse(out->config, strlen(out->config), &config, ERR_IGNORED) == 0)
        out->has_entries = json_arr_len(json_member(config, "entries")) > 0;
}

static void read_index(const char *folder, struct assemblyscript_project *out)
{
    AUTO_FREE char *path = mem_printf("%s/assembly/index.ts", folder);
    AUTO_FREE char *text = project_read(path);
    out->has_index = access(path, F_OK) == 0;
    out->own_configure =
        text && strstr(text, "onConfigure(") && !strstr(text, "super.onConfigure(");
}

int assemblyscript_project_open(const char *folder, struct assemblyscript_project *out,
                                struct err *err)
{
    int rc = project_check_folder(folder, err);
    if (rc)
        return rc;
    AUTO(json_doc_free_at) struct json_t *package = NULL;
    AUTO_FREE char *path = mem_printf("%s/package.json", folder);
    AUTO_FREE char *text = project_read(path);
    if (!text)
        return err_set(err, ERR_NOT_FOUND,
                       "source %s: no package.json there that can be read: name the folder of the "
                       "npm project",
                       folder);
    rc = json_doc_parse(text, strlen(text), &package, err);
    if (rc)
        return err_wrap(err, "%s", path);
    out->script = find_script(package);
    out->declared = depends_on(package, "assemblyscript");
    out->locked = has_file(folder, "package-lock.json") || has_file(folder, "npm-shrinkwrap.json");
    out->has_modules = has_file(folder, "node_modules");
    out->install = find_install(folder, out->locked);
    read_config(folder, out);
    read_index(folder, out);
    return 0;
}

/* Reads the version of an installed package; false when the package is not there. */
static bool read_version(const char *folder, const char *package, struct version *out)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    AUTO_FREE char *name = mem_printf("node_modules/%s/package.json", package);
    AUTO_FREE char *path = project_find_up(folder, name);
    AUTO_FREE char *text = path ? project_read(path) : NULL;
    if (!text || json_doc_parse(text, strlen(text), &doc, ERR_IGNORED))
        return false;
    const char *version = json_member_text(doc, "version");
    (void)version_find(version ? version : "", "", out);
    return true;
}

void assemblyscript_tools_find(const char *folder, struct assemblyscript_tools *out)
{
    out->asc = project_find_up(folder, "node_modules/.bin/asc");
    (void)read_version(folder, "assemblyscript", &out->asc_version);
    out->has_sdk = read_version(folder, ASSEMBLYSCRIPT_SDK, &out->sdk_version);
}
